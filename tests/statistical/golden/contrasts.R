# Quantiles, weighted tests and contrasts for the tables of tests/lib/parity_tables.py: run as common.R says.
source(file.path(commandArgs(trailingOnly = TRUE)[2], "common.R"))
ll <- "log-log"
names_of <- function(fit) if (is.null(fit$strata)) "" else gsub("[A-Za-z_0-9]+=", "", names(fit$strata))

# ---- Quantiles -----------------------------------------------------------------------------
probabilities <- c(0.1, 0.25, 0.5, 0.75)
quantile_of <- function(case, fit) {
  q <- quantile(fit, probabilities)
  as_rows <- function(m) if (is.matrix(m)) as.double(t(m)) else as.double(m)
  data.frame(case = case, group = rep(names_of(fit), each = length(probabilities)), probability = probabilities,
             quantile = as_rows(q$quantile), ci_lower = as_rows(q$lower), ci_upper = as_rows(q$upper))
}
save_csv(list(
  quantile_of("rossi", survfit(Surv(time, event) ~ fin, rossi, conf.type = ll)),
  quantile_of("lung", survfit(Surv(time, event) ~ sex, lung, conf.type = ll)),
  quantile_of("gbsg2", survfit(Surv(time, event) ~ tgrade, gbsg2, conf.type = ll)),
  quantile_of("macs", survfit(Surv(entry, time, event) ~ group, macs, conf.type = ll)),
  quantile_of("ties", survfit(Surv(time, event) ~ group, ties, conf.type = ll)),
  quantile_of("rossi_whole", survfit(Surv(time, event) ~ fin, rossi, weights = whole_weight, robust = FALSE, conf.type = ll)),
  quantile_of("rossi_half", survfit(Surv(time, event) ~ fin, rossi, weights = half_weight, robust = TRUE, conf.type = ll)),
  quantile_of("ties_half", survfit(Surv(time, event) ~ group, ties, weights = half_weight, robust = TRUE, conf.type = ll)),
  quantile_of("ties_entry_half", survfit(Surv(entry, time, event) ~ group, ties, weights = half_weight, robust = TRUE,
                                         id = seq_len(nrow(ties)), conf.type = ll)),
  quantile_of("zero_time", survfit(Surv(time, event) ~ 1, zero_time, conf.type = ll)),
  quantile_of("zero_time_by", survfit(Surv(time, event) ~ group, zero_time, conf.type = ll)),
  quantile_of("whas500", survfit(Surv(time, event) ~ gender, whas500, conf.type = ll)),
  quantile_of("veteran", survfit(Surv(time, event) ~ cell_type, veteran, conf.type = ll)),
  quantile_of("cgvhd", survfit(Surv(time, event) ~ tx, cgvhd, conf.type = ll)),
  quantile_of("flchain", survfit(Surv(time, event) ~ high, flchain, conf.type = ll))
), "quantile")

# ---- Tests weighted by S^rho ---------------------------------------------------------------
test_of <- function(case, fit) {
  df <- sum(apply(as.matrix(fit$exp), 1, sum) > 0) - 1L
  data.frame(case = case, statistic = fit$chisq, degrees_of_freedom = df,
             p_value = pchisq(fit$chisq, df, lower.tail = FALSE))
}
save_csv(list(
  test_of("rossi", survdiff(Surv(time, event) ~ fin, rossi, rho = 1)),
  test_of("rossi_strata", survdiff(Surv(time, event) ~ fin + strata(race), rossi, rho = 1)),
  test_of("lung", survdiff(Surv(time, event) ~ sex, lung, rho = 1)),
  test_of("lung_half", survdiff(Surv(time, event) ~ sex, lung, rho = 0.5)),
  test_of("lung_strata", survdiff(Surv(time, event) ~ sex + strata(ecog), lung, rho = 1)),
  test_of("gbsg2", survdiff(Surv(time, event) ~ tgrade, gbsg2, rho = 1)),
  test_of("gbsg2_strata", survdiff(Surv(time, event) ~ tgrade + strata(horTh), gbsg2, rho = 1)),
  test_of("ties", survdiff(Surv(time, event) ~ group, ties, rho = 1)),
  test_of("ties_strata", survdiff(Surv(time, event) ~ group + strata(stratum), ties, rho = 0.5)),
  test_of("whas500", survdiff(Surv(time, event) ~ gender, whas500, rho = 1)),
  test_of("veteran", survdiff(Surv(time, event) ~ cell_type, veteran, rho = 1)),
  test_of("actg320", survdiff(Surv(time, event) ~ tx, actg320, rho = 1)),
  test_of("flchain", survdiff(Surv(time, event) ~ sex, flchain, rho = 1))
), "log_rank_rho")

# ---- Contrasts of restricted means and of survival, from what survfit gives of each group ----
contrast <- function(case, group, horizon, estimate, error, logarithm) {
  if (logarithm) { error <- error / estimate; estimate <- log(estimate) }
  d <- estimate[-1] - estimate[1]
  se <- sqrt(error[-1]^2 + error[1]^2)
  width <- qnorm(0.975) * se
  back <- if (logarithm) exp else identity
  data.frame(case = case, group = group[-1], horizon = as.double(horizon), estimate = back(d), std_error = se,
             ci_lower = back(d - width), ci_upper = back(d + width), p_value = 2 * pnorm(-abs(d / se)))
}
of_means <- function(case, fit, horizon, logarithm) {
  t <- summary(fit, rmean = horizon)$table
  contrast(case, names_of(fit), horizon, as.double(t[, "rmean"]), as.double(t[, "se(rmean)"]), logarithm)
}
# survfit prints a restricted mean without robust errors: they are the influences of the rows, weighted and squared.
of_weighted_means <- function(case, data, group, horizon, logarithm) {
  parts <- split(data, data[[group]])
  found <- sapply(parts, function(d) {
    assign("group_rows", d, envir = globalenv())  # residuals() looks for the data there
    fit <- survfit(Surv(time, event) ~ 1, group_rows, weights = half_weight, robust = TRUE)
    influence <- as.double(resid(fit, times = horizon, type = "rmst")) * d$half_weight
    c(as.double(summary(fit, rmean = horizon)$table["rmean"]), sqrt(sum(influence^2)))
  })
  contrast(case, names(parts), horizon, found[1, ], found[2, ], logarithm)
}
of_survival <- function(case, fit, horizon) {
  s <- summary(fit, times = horizon)
  contrast(case, names_of(fit), horizon, s$surv, s$std.err, FALSE)
}
rossi_fit <- survfit(Surv(time, event) ~ fin, rossi)
lung_fit <- survfit(Surv(time, event) ~ sex, lung)
gbsg2_fit <- survfit(Surv(time, event) ~ tgrade, gbsg2)
macs_fit <- survfit(Surv(entry, time, event) ~ group, macs)
ties_fit <- survfit(Surv(time, event) ~ group, ties)
whas500_fit <- survfit(Surv(time, event) ~ gender, whas500)
veteran_fit <- survfit(Surv(time, event) ~ cell_type, veteran)
actg320_fit <- survfit(Surv(time, event) ~ tx, actg320)
flchain_fit <- survfit(Surv(time, event) ~ high, flchain)
rossi_half_fit <- survfit(Surv(time, event) ~ fin, rossi, weights = half_weight, robust = TRUE)
ties_half_fit <- survfit(Surv(time, event) ~ group, ties, weights = half_weight, robust = TRUE)
means <- function(logarithm) list(
  of_weighted_means("rossi_half", rossi, "fin", 52, logarithm),
  of_weighted_means("ties_half", ties, "group", 5.5, logarithm),
  of_means("rossi", rossi_fit, 40, logarithm), of_means("rossi", rossi_fit, 52, logarithm),
  of_means("lung", lung_fit, 365, logarithm), of_means("lung", lung_fit, 730, logarithm),
  of_means("gbsg2", gbsg2_fit, 1826.5, logarithm), of_means("ties", ties_fit, 5.5, logarithm),
  of_means("whas500", whas500_fit, 1826.5, logarithm), of_means("veteran", veteran_fit, 180, logarithm),
  of_means("actg320", actg320_fit, 300, logarithm), of_means("flchain", flchain_fit, 3652.5, logarithm)
)
save_csv(means(FALSE), "restricted_mean_difference")
save_csv(means(TRUE), "restricted_mean_ratio")
save_csv(list(
  of_survival("rossi", rossi_fit, 26), of_survival("rossi", rossi_fit, 52), of_survival("lung", lung_fit, 365),
  of_survival("gbsg2", gbsg2_fit, 1000), of_survival("macs", macs_fit, 3), of_survival("ties", ties_fit, 4),
  of_survival("rossi_half", rossi_half_fit, 52), of_survival("ties_half", ties_half_fit, 4),
  of_survival("whas500", whas500_fit, 365), of_survival("veteran", veteran_fit, 90),
  of_survival("actg320", actg320_fit, 300), of_survival("flchain", flchain_fit, 3650)
), "survival_difference")
