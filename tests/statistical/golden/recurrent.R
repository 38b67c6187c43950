# Recurrent events and rates for the tables of tests/lib/parity_tables.py: run as common.R says.
source(file.path(commandArgs(trailingOnly = TRUE)[2], "common.R"))
suppressMessages(library(mets))
for (name in c("recurrent", "recurrent_untied")) assign(name, load_table(name))

# ---- Mean cumulative function, no terminal event ---------------------------------------------
nelson <- function(case, data) {
  fit <- survfit(Surv(entry, time, status == 1) ~ 1, data, id = id, robust = TRUE)
  keep <- fit$n.event > 0
  data.frame(case = case, time = fit$time[keep], n_risk = fit$n.risk[keep], n_event = fit$n.event[keep],
             mean_count = fit$cumhaz[keep], std_error = fit$std.chaz[keep])
}
save_csv(list(nelson("recurrent", recurrent), nelson("recurrent_a", subset(recurrent, group == "a")),
              nelson("recurrent_untied", recurrent_untied)), "mean_count")

# ---- Ghosh and Lin: death is a terminal event ------------------------------------------------
ghosh_lin <- function(case, data) {
  fit <- recurrentMarginal(phreg(Surv(entry, time, status == 1) ~ cluster(id), data),
                           phreg(Surv(entry, time, status == 2) ~ cluster(id), data))
  keep <- fit$times %in% data$time[data$status == 1]
  data.frame(case = case, time = fit$times[keep], mean_count = fit$mu[keep], std_error = fit$se.mu[keep])
}
save_csv(list(ghosh_lin("recurrent_untied", recurrent_untied),
              ghosh_lin("recurrent_untied_b", subset(recurrent_untied, group == "b"))), "ghosh_lin")

# ---- Rates and ratios ------------------------------------------------------------------------
poisson_of <- function(case, x, t) {
  test <- poisson.test(x, t)
  data.frame(case = case, count = x, rate = x / t, ci_lower = test$conf.int[1], ci_upper = test$conf.int[2])
}
save_csv(lapply(c(0, 1, 2, 5, 17, 100, 2500), function(x) poisson_of("recurrent", x, 123.4)), "poisson")
people <- do.call(rbind, lapply(split(recurrent, recurrent$id), function(d)
  data.frame(count = sum(d$status == 1), years = max(d$time) - min(d$entry))))
binomial <- MASS::glm.nb(count ~ 1 + offset(log(years)), people, control = glm.control(epsilon = 1e-14, maxit = 200))
save_csv(list(data.frame(case = "recurrent", log_rate = coef(binomial)[[1]], theta = binomial$theta)), "negative_binomial")
