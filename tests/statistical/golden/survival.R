# What R's survival package gives for the tables of tests/lib/parity_tables.py.
#   python -m tests.lib.parity_tables TABLES
#   Rscript tests/statistical/golden/survival.R TABLES tests/statistical/golden
# Versions are written to versions.txt. Every case is one row a time, term or test, under its name.
source(file.path(commandArgs(trailingOnly = TRUE)[2], "common.R"))

# ---- Kaplan-Meier -------------------------------------------------------------------------
km <- function(case, fit) {
  s <- summary(fit, censored = TRUE)
  data.frame(case = case, group = gsub(", ", "|", gsub(" +(,|$)", "\\1", strata_of(s))), time = as.double(s$time),
             n_risk = as.double(s$n.risk), n_event = as.double(s$n.event), n_censor = as.double(s$n.censor),
             survival = s$surv, std_error = s$std.err, ci_lower = s$lower, ci_upper = s$upper)
}
ll <- "log-log"
save_csv(list(
  km("rossi", survfit(Surv(time, event) ~ 1, rossi, conf.type = ll)),
  km("rossi_by_fin", survfit(Surv(time, event) ~ fin, rossi, conf.type = ll)),
  km("rossi_whole", survfit(Surv(time, event) ~ fin, rossi, weights = whole_weight, conf.type = ll)),
  km("rossi_half", survfit(Surv(time, event) ~ fin, rossi, weights = half_weight, conf.type = ll)),
  km("lung_by_sex", survfit(Surv(time, event) ~ sex, lung, conf.type = ll)),
  km("lung_log", survfit(Surv(time, event) ~ sex, lung, conf.type = "log")),
  km("lung_plain", survfit(Surv(time, event) ~ sex, lung, conf.type = "plain", conf.int = 0.9)),
  km("gbsg2_by_two", survfit(Surv(time, event) ~ horTh + tgrade, gbsg2, conf.type = ll)),
  km("macs_entry", survfit(Surv(entry, time, event) ~ 1, macs, conf.type = ll)),
  km("macs_entry_by", survfit(Surv(entry, time, event) ~ group, macs, conf.type = ll)),
  km("ties_by_group", survfit(Surv(time, event) ~ group, ties, conf.type = ll)),
  km("ties_entry", survfit(Surv(entry, time, event) ~ group, ties, conf.type = ll)),
  km("ties_entry_whole", survfit(Surv(entry, time, event) ~ group, ties, weights = whole_weight, conf.type = ll)),
  km("ties_half", survfit(Surv(time, event) ~ group, ties, weights = half_weight, conf.type = ll)),
  km("ties_entry_half", survfit(Surv(entry, time, event) ~ group, ties, weights = half_weight, conf.type = ll,
                                robust = TRUE, cluster = seq_along(time))),
  km("rossi_whole_robust", survfit(Surv(time, event) ~ fin, rossi, weights = whole_weight, conf.type = ll,
                                   robust = TRUE)),
  km("ties_entry_whole_robust", survfit(Surv(entry, time, event) ~ group, ties, weights = whole_weight, conf.type = ll,
                                        robust = TRUE, cluster = seq_along(time))),
  km("zero_time", survfit(Surv(time, event) ~ 1, zero_time, conf.type = ll)),
  km("zero_time_by", survfit(Surv(time, event) ~ group, zero_time, conf.type = ll)),
  km("whas500", survfit(Surv(time, event) ~ gender, whas500, conf.type = ll)),
  km("veteran", survfit(Surv(time, event) ~ cell_type, veteran, conf.type = ll)),
  km("veteran_log", survfit(Surv(time, event) ~ treatment + prior, veteran, conf.type = "log")),
  km("actg320", survfit(Surv(time, event) ~ tx, actg320, conf.type = ll)),
  km("cgvhd", survfit(Surv(time, event) ~ tx, cgvhd, conf.type = ll)),
  km("bmt", survfit(Surv(time, event) ~ dis, bmt, conf.type = ll))
), "kaplan_meier")

# ---- Summaries of a curve ------------------------------------------------------------------
median_of <- function(case, fit) {
  t <- summary(fit)$table
  if (is.null(dim(t))) t <- t(as.matrix(t))
  groups <- if (is.null(fit$strata)) "" else gsub("[A-Za-z_0-9]+=", "", names(fit$strata))
  data.frame(case = case, group = groups, median = as.double(t[, "median"]),
             ci_lower = as.double(t[, "0.95LCL"]), ci_upper = as.double(t[, "0.95UCL"]))
}
save_csv(list(
  median_of("rossi", survfit(Surv(time, event) ~ fin, rossi, conf.type = ll)),
  median_of("lung", survfit(Surv(time, event) ~ sex, lung, conf.type = ll)),
  median_of("gbsg2", survfit(Surv(time, event) ~ horTh, gbsg2, conf.type = ll)),
  median_of("macs", survfit(Surv(entry, time, event) ~ group, macs, conf.type = ll)),
  median_of("ties", survfit(Surv(time, event) ~ group, ties, conf.type = ll)),
  median_of("zero_time", survfit(Surv(time, event) ~ 1, zero_time, conf.type = ll)),
  median_of("zero_time_by", survfit(Surv(time, event) ~ group, zero_time, conf.type = ll)),
  median_of("lung_follow_up", survfit(Surv(time, 1 - event) ~ sex, lung, conf.type = ll)),
  median_of("gbsg2_follow_up", survfit(Surv(time, 1 - event) ~ horTh, gbsg2, conf.type = ll)),
  median_of("whas500", survfit(Surv(time, event) ~ gender, whas500, conf.type = ll)),
  median_of("veteran", survfit(Surv(time, event) ~ cell_type, veteran, conf.type = ll)),
  median_of("cgvhd", survfit(Surv(time, event) ~ tx, cgvhd, conf.type = ll)),
  median_of("whas500_follow_up", survfit(Surv(time, 1 - event) ~ gender, whas500, conf.type = ll)),
  median_of("actg320_follow_up", survfit(Surv(time, 1 - event) ~ tx, actg320, conf.type = ll)),
  median_of("flchain_follow_up", survfit(Surv(time, 1 - event) ~ sex, flchain, conf.type = ll))
), "median")
rmst_of <- function(case, fit, horizon) {
  t <- summary(fit, rmean = horizon)$table
  if (is.null(dim(t))) t <- t(as.matrix(t))
  groups <- if (is.null(fit$strata)) "" else gsub("[A-Za-z_0-9]+=", "", names(fit$strata))
  data.frame(case = case, group = groups, horizon = as.double(horizon), rmst = as.double(t[, "rmean"]),
             std_error = as.double(t[, "se(rmean)"]))
}
save_csv(list(
  rmst_of("rossi", survfit(Surv(time, event) ~ fin, rossi), 40),
  rmst_of("rossi", survfit(Surv(time, event) ~ fin, rossi), 52),
  rmst_of("lung", survfit(Surv(time, event) ~ sex, lung), 365),
  rmst_of("gbsg2", survfit(Surv(time, event) ~ horTh, gbsg2), 1826.5),
  rmst_of("macs", survfit(Surv(entry, time, event) ~ 1, macs), 6),
  rmst_of("ties", survfit(Surv(time, event) ~ group, ties), 5.5),
  rmst_of("whas500", survfit(Surv(time, event) ~ gender, whas500), 1826.5),
  rmst_of("veteran", survfit(Surv(time, event) ~ cell_type, veteran), 365),
  rmst_of("actg320", survfit(Surv(time, event) ~ tx, actg320), 300),
  rmst_of("cgvhd", survfit(Surv(time, event) ~ tx, cgvhd), 1),
  rmst_of("flchain", survfit(Surv(time, event) ~ sex, flchain), 3652.5)
), "restricted_mean")

# ---- Cumulative incidence ------------------------------------------------------------------
cif <- function(case, fit) {
  s <- summary(fit, censored = TRUE)
  states <- which(s$states != "(s0)")
  do.call(rbind, lapply(states, function(j) {
    data.frame(case = case, group = strata_of(s), cause = as.integer(s$states[j]), time = as.double(s$time),
               n_risk = as.double(s$n.risk[, 1]), n_event = as.double(s$n.event[, j]), incidence = s$pstate[, j],
               std_error = s$std.err[, j], ci_lower = s$lower[, j], ci_upper = s$upper[, j])
  }))
}
ms <- function(cause) factor(cause, levels = 0:max(cause))
save_csv(list(
  cif("rossi", survfit(Surv(time, ms(cause)) ~ fin, rossi, conf.type = ll)),
  cif("rossi_half", survfit(Surv(time, ms(cause)) ~ fin, rossi, weights = half_weight, conf.type = ll)),
  cif("lung", survfit(Surv(time, ms(cause)) ~ sex, lung, conf.type = ll)),
  cif("lung_log", survfit(Surv(time, ms(cause)) ~ sex, lung, conf.type = "log")),
  cif("gbsg2", survfit(Surv(time, ms(cause)) ~ 1, gbsg2, conf.type = "plain")),
  cif("ties", survfit(Surv(time, ms(cause)) ~ group, ties, conf.type = ll)),
  cif("ties_entry", survfit(Surv(entry, time, ms(cause)) ~ group, ties, id = seq_along(time), conf.type = ll)),
  cif("ties_half", survfit(Surv(time, ms(cause)) ~ group, ties, weights = half_weight, conf.type = ll)),
  cif("ties_entry_half", survfit(Surv(entry, time, ms(cause)) ~ group, ties, id = seq_along(time),
                                 weights = half_weight, conf.type = ll)),
  cif("ties_whole_robust", survfit(Surv(time, ms(cause)) ~ group, ties, weights = whole_weight, conf.type = ll)),
  cif("ties_whole", {
    twice <- ties[rep(seq_len(nrow(ties)), ties$whole_weight), ]
    survfit(Surv(time, ms(cause)) ~ group, twice, conf.type = ll)
  }),
  cif("ties_entry_whole", {
    twice <- ties[rep(seq_len(nrow(ties)), ties$whole_weight), ]
    survfit(Surv(entry, time, ms(cause)) ~ group, twice, id = seq_along(time), conf.type = ll)
  }),
  cif("cgvhd", survfit(Surv(time, ms(cause)) ~ tx, cgvhd, conf.type = ll)),
  cif("bmt", survfit(Surv(time, ms(cause)) ~ dis, bmt, conf.type = ll))
), "cumulative_incidence")
estimates <- function(case, data) {
  fit <- cuminc(data$time, data$cause)
  do.call(rbind, lapply(names(fit), function(name) {
    at <- timepoints(fit[name], sort(unique(data$time)))
    data.frame(case = case, cause = as.integer(sub("1 ", "", name)), time = as.double(colnames(at$est)),
               incidence = as.double(at$est))
  }))
}
save_csv(list(estimates("lung", lung), estimates("ties", ties), estimates("rossi", rossi),
              estimates("cgvhd", cgvhd), estimates("bmt", bmt)), "cuminc")

# ---- Log-rank ------------------------------------------------------------------------------
test_of <- function(case, fit) {
  df <- sum(apply(as.matrix(fit$exp), 1, sum) > 0) - 1L
  data.frame(case = case, statistic = fit$chisq, degrees_of_freedom = df,
             p_value = pchisq(fit$chisq, df, lower.tail = FALSE))
}
# survdiff takes no entry; the Cochran-Mantel-Haenszel test over event times is the same test.
mantel <- function(case, data, stratum) {
  cells <- unique(data.frame(time = data$time, stratum = stratum)[data$event == 1, ])
  tables <- sapply(seq_len(nrow(cells)), function(k) {
    t <- cells$time[k]
    here <- stratum == cells$stratum[k] & data$entry < t & data$time >= t
    died <- here & data$event == 1 & data$time == t
    g <- factor(data$group)
    cbind(table(g[died]), table(g[here & !died]))
  }, simplify = "array")
  tables <- tables[, , apply(tables, 3, sum) > 1, drop = FALSE]
  test <- mantelhaen.test(tables, correct = FALSE)
  data.frame(case = case, statistic = as.double(test$statistic), degrees_of_freedom = as.integer(test$parameter),
             p_value = as.double(test$p.value))
}
save_csv(list(
  test_of("rossi", survdiff(Surv(time, event) ~ fin, rossi)),
  test_of("rossi_strata", survdiff(Surv(time, event) ~ fin + strata(race), rossi)),
  test_of("lung", survdiff(Surv(time, event) ~ sex, lung)),
  test_of("lung_strata", survdiff(Surv(time, event) ~ sex + strata(ecog), lung)),
  test_of("gbsg2_three", survdiff(Surv(time, event) ~ tgrade, gbsg2)),
  test_of("gbsg2_strata", survdiff(Surv(time, event) ~ tgrade + strata(horTh), gbsg2)),
  test_of("gbsg2_two", survdiff(Surv(time, event) ~ horTh + tgrade, gbsg2)),
  test_of("ties", survdiff(Surv(time, event) ~ group, ties)),
  test_of("ties_strata", survdiff(Surv(time, event) ~ group + strata(stratum), ties)),
  mantel("ties_entry", ties, rep(1, nrow(ties))),
  mantel("ties_entry_strata", ties, ties$stratum),
  mantel("macs_entry", macs, rep(1, nrow(macs))),
  test_of("whas500", survdiff(Surv(time, event) ~ gender, whas500)),
  test_of("whas500_strata", survdiff(Surv(time, event) ~ gender + strata(chf), whas500)),
  test_of("veteran", survdiff(Surv(time, event) ~ cell_type, veteran)),
  test_of("veteran_strata", survdiff(Surv(time, event) ~ treatment + strata(cell_type), veteran)),
  test_of("actg320_strata", survdiff(Surv(time, event) ~ tx + strata(stratum), actg320)),
  test_of("cgvhd", survdiff(Surv(time, event) ~ tx, cgvhd)),
  test_of("flchain", survdiff(Surv(time, event) ~ sex, flchain)),
  test_of("flchain_strata", survdiff(Surv(time, event) ~ sex + strata(high), flchain))
), "log_rank")

# ---- Cox -----------------------------------------------------------------------------------
tight <- coxph.control(eps = 1e-14, iter.max = 60, toler.chol = 1e-15)
gbsg2$tgrade <- factor(gbsg2$tgrade); gbsg2$horTh <- factor(gbsg2$horTh)
gbsg2$menostat <- factor(gbsg2$menostat, levels = c("Post", "Pre"))
ties$group <- factor(ties$group); lung$ecog_text <- factor(paste0("e", lung$ecog))
fits <- list(
  rossi = coxph(Surv(time, event) ~ fin + age + race + wexp + mar + paro + prio, rossi, control = tight),
  rossi_strata = coxph(Surv(time, event) ~ fin + age + prio + strata(race), rossi, control = tight),
  rossi_half = coxph(Surv(time, event) ~ fin + age + prio, rossi, weights = half_weight, control = tight),
  rossi_whole = coxph(Surv(time, event) ~ fin + age, rossi, weights = whole_weight, control = tight),
  rossi_whole_robust = coxph(Surv(time, event) ~ fin + age, rossi, weights = whole_weight, robust = TRUE,
                             control = tight),
  lung = coxph(Surv(time, event) ~ age + sex + ecog_text, lung, control = tight),
  gbsg2 = coxph(Surv(time, event) ~ horTh + age + tsize + tgrade + pnodes, gbsg2, control = tight),
  gbsg2_reference = coxph(Surv(time, event) ~ relevel(tgrade, "II") + age, gbsg2, control = tight),
  macs_entry = coxph(Surv(entry, time, event) ~ year, macs, control = tight),
  stanford = coxph(Surv(entry, time, event) ~ age + year + surgery + transplant, stanford, control = tight),
  stanford_cluster = coxph(Surv(entry, time, event) ~ age + year + surgery + transplant, stanford, cluster = id,
                           control = tight),
  ties = coxph(Surv(time, event) ~ x + z + group, ties, control = tight),
  ties_entry_strata = coxph(Surv(entry, time, event) ~ x + z + group + strata(stratum), ties, control = tight),
  ties_half_cluster = coxph(Surv(time, event) ~ x + z + group, ties, weights = half_weight, cluster = cluster,
                            control = tight),
  ties_all = coxph(Surv(entry, time, event) ~ x + z + group + strata(stratum), ties, weights = half_weight,
                   cluster = cluster, control = tight),
  whas500 = coxph(Surv(time, event) ~ age + gender + bmi + chf + sho + mitype, whas500, control = tight),
  veteran = coxph(Surv(time, event) ~ treatment + cell_type + karnofsky + months + age + prior, veteran,
                  control = tight),
  veteran_strata = coxph(Surv(time, event) ~ karnofsky + age + treatment + strata(cell_type), veteran, control = tight),
  actg320_strata = coxph(Surv(time, event) ~ tx + karnof + cd4 + age + strata(stratum), actg320, control = tight),
  cgvhd = coxph(Surv(time, event) ~ age + dx + tx + extent, cgvhd, control = tight),
  flchain = coxph(Surv(time, event) ~ age + sex + high + mgus, flchain, control = tight)
)
# R pastes a factor's name and its level: written here as name=level.
levelled <- "horTh|tgrade|menostat|group|ecog_text|treatment|cell_type|prior|dx|tx|extent|sex"
renamed <- function(term) sub(paste0("^(relevel\\()?(", levelled, ")(, \"II\"\\))?(.+)$"), "\\2=\\4", term)
save_csv(lapply(names(fits), function(case) {
  fit <- fits[[case]]
  s <- summary(fit)
  errors <- if (is.null(fit$naive.var)) s$coefficients[, "se(coef)"] else s$coefficients[, "robust se"]
  data.frame(case = case, term = renamed(names(coef(fit))), coefficient = as.double(coef(fit)),
             std_error = as.double(errors), ci_lower = as.double(s$conf.int[, "lower .95"]),
             ci_upper = as.double(s$conf.int[, "upper .95"]), p_value = as.double(s$coefficients[, "Pr(>|z|)"]),
             log_likelihood = fit$loglik[2], log_likelihood_null = fit$loglik[1])
}), "cox")
save_csv(lapply(names(fits), function(case) {
  z <- cox.zph(fits[[case]])$table
  data.frame(case = case, term = sub("^relevel\\((.*), \"II\"\\)$", "\\1", rownames(z)), statistic = as.double(z[, "chisq"]),
             degrees_of_freedom = as.integer(z[, "df"]), p_value = as.double(z[, "p"]))
}), "cox_zph")

writeLines(c(R.version.string, paste("survival", packageVersion("survival")),
             paste("cmprsk", packageVersion("cmprsk"))), file.path(out, "versions.txt"))
