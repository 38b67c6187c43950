# What R gives for the EBMT table ebmt4, to hold the whole road and analyses.survival against.
#   Rscript tests/data/ebmt/ebmt.R EBMT_WIDE_CSV tests/data/ebmt
# EBMT_WIDE_CSV is pymsm/datasets/ebmt_wide.csv in the wheel of pymsm 0.1.7 (see examples/ebmt).
suppressMessages(library(survival))
arguments <- commandArgs(trailingOnly = TRUE)
out <- arguments[2]
d <- read.csv(arguments[1], row.names = 1)
d$srv <- floor(d$srv); d$rel <- floor(d$rel)  # whole days, as dates have them
d$agecl <- factor(d$agecl, levels = c("<=20", "20-40", ">40"), labels = c("0-20", "20-40", "over 40"))
for (name in c("proph", "match", "year")) d[[name]] <- factor(d[[name]])
d$pfs <- pmax(d$rel.s, d$srv.s)
d$first <- factor(ifelse(d$rel.s == 1, 1, ifelse(d$srv.s == 1, 2, 0)), levels = 0:2)
save_csv <- function(table, name) {
  numeric <- sapply(table, is.double)
  table[numeric] <- lapply(table[numeric], function(x) ifelse(is.na(x), "", sprintf("%.17g", x)))
  write.csv(table, file.path(out, name), row.names = FALSE, quote = FALSE)
}
horizons <- c(365, 730, 1826)
row <- function(endpoint, statistic, cause, horizon, value, se, lower, upper)
  data.frame(endpoint = endpoint, statistic = statistic, cause = cause, horizon_days = horizon,
             value = value, std_error = se, ci_lower = lower, ci_upper = upper)

of_curve <- function(endpoint, time, event) {
  fit <- survfit(Surv(time, event) ~ 1, conf.type = "log-log")
  s <- summary(fit, times = horizons)
  median <- summary(fit)$table
  follow <- summary(survfit(Surv(time, 1 - event) ~ 1, conf.type = "log-log"))$table
  rmst <- summary(survfit(Surv(time, event) ~ 1), rmean = 1826)$table
  rbind(
    row(endpoint, "n", "", NA, length(time), NA, NA, NA),
    row(endpoint, "n_event", "", NA, sum(event), NA, NA, NA),
    row(endpoint, "survival_at", "", horizons, s$surv, s$std.err, s$lower, s$upper),
    row(endpoint, "median", "", NA, median[["median"]], NA, median[["0.95LCL"]], median[["0.95UCL"]]),
    row(endpoint, "follow_up_median", "", NA, follow[["median"]], NA, follow[["0.95LCL"]], follow[["0.95UCL"]]),
    row(endpoint, "rmst", "", 1826, rmst[["rmean"]], rmst[["se(rmean)"]], NA, NA)
  )
}
incidence <- summary(survfit(Surv(rel, first) ~ 1, d, conf.type = "log-log"), times = horizons)
of_cause <- function(j, name) {
  row("first_event", "incidence_at", name, horizons, incidence$pstate[, j], incidence$std.err[, j],
      incidence$lower[, j], incidence$upper[, j])
}
save_csv(rbind(
  of_curve("overall_survival", d$srv, d$srv.s),
  of_curve("progression_free_survival", d$rel, d$pfs),
  of_cause(2, "relapse"), of_cause(3, "non_relapse_mortality")
), "summary.csv")

tight <- coxph.control(eps = 1e-14, iter.max = 60, toler.chol = 1e-15)
fit_all <- function(d) list(
  overall_survival = coxph(Surv(srv, srv.s) ~ agecl + proph + match + year, d, control = tight),
  progression_free_survival = coxph(Surv(rel, pfs) ~ agecl + proph + match + year, d, control = tight),
  relapse = coxph(Surv(rel, first == 1) ~ agecl + proph + match + year, d, control = tight),
  non_relapse_mortality = coxph(Surv(rel, first == 2) ~ agecl + proph + match + year, d, control = tight)
)
coefficients_of <- function(models) do.call(rbind, lapply(names(models), function(endpoint) {
  s <- summary(models[[endpoint]])
  data.frame(endpoint = endpoint, term = sub("^(agecl|proph|match|year)", "\\1=", rownames(s$coefficients)),
             coefficient = as.double(s$coefficients[, "coef"]), std_error = as.double(s$coefficients[, "se(coef)"]),
             ci_lower = as.double(s$conf.int[, "lower .95"]), ci_upper = as.double(s$conf.int[, "upper .95"]),
             p_value = as.double(s$coefficients[, "Pr(>|z|)"]))
}))
models <- fit_all(d)
save_csv(coefficients_of(models), "cox.csv")
# The same models against the most frequent level of each covariate.
frequent <- d
for (name in c("agecl", "proph", "match", "year")) {
  frequent[[name]] <- relevel(d[[name]], names(which.max(table(d[[name]]))))
}
save_csv(coefficients_of(fit_all(frequent)), "cox_most_frequent.csv")
save_csv(do.call(rbind, lapply(names(models), function(endpoint) {
  z <- cox.zph(models[[endpoint]])$table
  data.frame(endpoint = endpoint, term = rownames(z), statistic = as.double(z[, "chisq"]),
             degrees_of_freedom = as.integer(z[, "df"]), p_value = as.double(z[, "p"]))
})), "cox_zph.csv")
writeLines(c(R.version.string, paste("survival", packageVersion("survival"))), file.path(out, "versions.txt"))
