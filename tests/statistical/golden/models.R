# Breslow's ties, tests of interaction, landmarks, Simon-Makuch curves and Rubin's rules for the tables
# of tests/lib/parity_tables.py: run as common.R says.
source(file.path(commandArgs(trailingOnly = TRUE)[2], "common.R"))
suppressMessages(library(mice))
tight <- coxph.control(eps = 1e-14, iter.max = 60, toler.chol = 1e-15)

# ---- Breslow's ties ----------------------------------------------------------------------------
ties$group <- factor(ties$group)
breslow <- list(
  rossi = coxph(Surv(time, event) ~ fin + age + prio, rossi, ties = "breslow", control = tight),
  rossi_whole = coxph(Surv(time, event) ~ fin + age, rossi, weights = whole_weight, ties = "breslow", control = tight),
  ties = coxph(Surv(time, event) ~ x + z + group, ties, ties = "breslow", control = tight),
  ties_all = coxph(Surv(entry, time, event) ~ x + z + group + strata(stratum), ties, weights = half_weight,
                   cluster = cluster, ties = "breslow", control = tight)
)
save_csv(lapply(names(breslow), function(case) {
  s <- summary(breslow[[case]])
  robust <- "robust se" %in% colnames(s$coefficients)
  data.frame(case = case, term = sub("^group(.)$", "group=\\1", rownames(s$coefficients)),
             coefficient = as.double(s$coefficients[, "coef"]),
             std_error = as.double(s$coefficients[, if (robust) "robust se" else "se(coef)"]),
             ci_lower = as.double(s$conf.int[, "lower .95"]), ci_upper = as.double(s$conf.int[, "upper .95"]),
             p_value = as.double(s$coefficients[, "Pr(>|z|)"]), log_likelihood = breslow[[case]]$loglik[2],
             log_likelihood_null = breslow[[case]]$loglik[1])
}), "breslow")

# ---- Subgroups and their interaction -----------------------------------------------------------
interaction_of <- function(case, data, group, by, entry = FALSE) {
  data$g <- factor(data[[group]]); data$b <- factor(data[[by]])
  outcome <- if (entry) "Surv(entry, time, event)" else "Surv(time, event)"
  without <- coxph(as.formula(paste(outcome, "~ g + b")), data, control = tight)
  with <- coxph(as.formula(paste(outcome, "~ g * b")), data, control = tight)
  test <- anova(without, with)
  data.frame(case = case, statistic = test[2, "Chisq"], degrees_of_freedom = as.integer(test[2, "Df"]),
             p_value = test[2, grep("Pr|P\\(", colnames(test))])
}
whole <- lung[lung$ecog < 3, ]
save_csv(list(
  interaction_of("lung", whole, "sex", "ecog"),
  interaction_of("gbsg2", gbsg2, "horTh", "tgrade"),
  interaction_of("rossi", rossi, "fin", "race"),
  interaction_of("ties_entry", ties, "group", "stratum", entry = TRUE)
), "interaction")

# ---- A state reached later ---------------------------------------------------------------------
# Waiting for a heart: each person once, with the day of the transplant.
people <- do.call(rbind, lapply(split(stanford, stanford$id), function(one) {
  one <- one[order(one$entry), ]
  data.frame(id = one$id[1], time = max(one$time), event = as.double(one$event[nrow(one)]), age = one$age[1],
             surgery = one$surgery[1],
             reached = if (any(one$transplant == 1)) one$entry[one$transplant == 1][1] else NA)
}))
at <- function(case, day) {
  later <- people[people$time > day, ]
  later$state <- as.double(!is.na(later$reached) & later$reached <= day)
  later$time <- later$time - day
  s <- summary(coxph(Surv(time, event) ~ state + age, later, control = tight))
  data.frame(case = case, term = rownames(s$coefficients), coefficient = as.double(s$coefficients[, "coef"]),
             std_error = as.double(s$coefficients[, "se(coef)"]), p_value = as.double(s$coefficients[, "Pr(>|z|)"]))
}
split_at <- tmerge(people, people, id = id, death = event(time, event), state = tdc(reached))
dependent <- summary(coxph(Surv(tstart, tstop, death) ~ state + age, split_at, control = tight))
save_csv(list(at("heart_30", 30), at("heart_90", 90), data.frame(
  case = "heart_dependent", term = rownames(dependent$coefficients),
  coefficient = as.double(dependent$coefficients[, "coef"]), std_error = as.double(dependent$coefficients[, "se(coef)"]),
  p_value = as.double(dependent$coefficients[, "Pr(>|z|)"])
)), "later_state")
makuch <- summary(survfit(Surv(tstart, tstop, death) ~ state, split_at, conf.type = "log-log"), censored = TRUE)
save_csv(list(data.frame(
  case = "heart", group = strata_of(makuch), time = as.double(makuch$time), n_risk = as.double(makuch$n.risk),
  n_event = as.double(makuch$n.event), survival = makuch$surv, std_error = makuch$std.err
)), "simon_makuch")

# ---- Rubin's rules -----------------------------------------------------------------------------
# Means and variances of ecog's parts of lung stand for fits of completed tables.
parts <- split(lung$age, seq_len(nrow(lung)) %% 5)
pooled <- function(case, q, u, df) {
  p <- pool.scalar(q, u, n = df + 1, k = 1)
  data.frame(case = case, estimate = p$qbar, variance = p$t, degrees_of_freedom = p$df, missing_information = p$fmi)
}
q <- sapply(parts, mean); u <- sapply(parts, function(x) var(x) / length(x))
save_csv(list(pooled("lung", q, u, 60), pooled("lung_few", q[1:3], u[1:3], 8), pooled("lung_alike", q / 100, u, 30)),
         "rubin")
versions <- file.path(out, "versions.txt")
writeLines(unique(c(readLines(versions), paste("mice", packageVersion("mice")))), versions)
