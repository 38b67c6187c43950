# Parametric models for the tables of tests/lib/parity_tables.py: run as common.R says.
# survreg for what it has; the others maximised here, with R's own distribution functions.
source(file.path(commandArgs(trailingOnly = TRUE)[2], "common.R"))
positive <- subset(lung, time > 0)

# ---- survreg: parameters on the scale flexsurv uses -----------------------------------------
location <- c(exponential = "rate", weibull = "scale", log_normal = "meanlog", log_logistic = "scale")
spread <- c(weibull = "shape", log_normal = "sdlog", log_logistic = "shape")
dists <- c(exponential = "exponential", weibull = "weibull", log_normal = "lognormal", log_logistic = "loglogistic")
of_survreg <- function(case, formula, data, family, weights = NULL) {
  data$.w <- if (is.null(weights)) 1 else data[[weights]]
  fit <- survreg(formula, data, weights = .w, dist = dists[[family]],
                 control = survreg.control(rel.tolerance = 1e-13, maxiter = 200))
  b <- coef(fit)
  se <- sqrt(diag(vcov(fit)))
  terms <- names(b)[-1]
  sign <- if (family == "exponential") -1 else 1
  at <- list(parameter = location[[family]], estimate = sign * b[[1]], std_error = se[[1]])
  rows <- data.frame(at)
  if (family != "exponential") {
    flip <- if (family == "log_normal") 1 else -1
    rows <- rbind(rows, data.frame(parameter = spread[[family]], estimate = flip * log(fit$scale), std_error = se[["Log(scale)"]]))
  }
  if (length(terms)) rows <- rbind(rows, data.frame(parameter = terms, estimate = sign * b[terms], std_error = se[terms]))
  data.frame(case = case, family = family, rows, log_likelihood = fit$loglik[2])
}
parts <- list()
for (family in names(dists)) {
  add <- function(...) parts[[length(parts) + 1]] <<- of_survreg(...)
  add("lung", Surv(time, event) ~ 1, positive, family)
  add("gbsg2", Surv(time, event) ~ 1, gbsg2, family)
  add("rossi_covariates", Surv(time, event) ~ fin + age + prio, rossi, family)
  add("rossi_whole", Surv(time, event) ~ 1, rossi, family, "whole_weight")
  add("ties_half", Surv(time, event) ~ x + z, ties, family, "half_weight")
}
save_csv(parts, "survreg")

# ---- Gompertz, generalised gamma, splines, cure: the likelihood written out in R -------------
log_h_H <- list(
  gompertz = function(p, t) list(p[2] + p[1] * t, exp(p[2]) * expm1(p[1] * t) / p[1]),
  generalised_gamma = function(p, t) {
    q <- p[3]; k <- q^-2; w <- (log(t) - p[1]) / exp(p[2]); u <- k * exp(q * w)
    log_s <- pgamma(u, k, lower.tail = q < 0, log.p = TRUE)
    log_f <- dgamma(u, k, log = TRUE) + log(u) + log(abs(q)) - p[2] - log(t)
    list(log_f - log_s, -log_s)
  },
  mixture_cure_weibull = function(p, t) {
    cured <- plogis(p[1]); s0 <- pweibull(t, exp(p[2]), exp(p[3]), lower.tail = FALSE)
    s <- cured + (1 - cured) * s0
    list(log(1 - cured) + dweibull(t, exp(p[2]), exp(p[3]), log = TRUE) - log(s), -log(s))
  },
  non_mixture_cure_log_normal = function(p, t) {
    cured <- plogis(p[1])
    list(log(-log(cured)) + dlnorm(t, p[2], exp(p[3]), log = TRUE), -log(cured) * plnorm(t, p[2], exp(p[3])))
  }
)
maximum <- function(loss, start) {
  for (i in 1:8) start <- optim(start, loss, method = if (i %% 2) "Nelder-Mead" else "BFGS",
                                control = list(reltol = 1e-15, maxit = 5000, parscale = pmax(abs(start), 1e-4), ndeps = rep(1e-4, length(start))))$par
  start
}
by_hand <- function(case, family, data, names, start, entry = NULL) {
  from <- if (is.null(entry)) rep(0, nrow(data)) else data[[entry]]
  loss <- function(p) {
    v <- log_h_H[[family]](p, data$time)
    late <- from > 0
    total <- sum(v[[1]][data$event == 1]) - sum(v[[2]])
    if (any(late)) total <- total + sum(log_h_H[[family]](p, from[late])[[2]])
    if (isTRUE(is.finite(total))) -total else 1e10
  }
  p <- maximum(loss, start)
  for (i in 1:4) p <- p - solve(numDeriv::hessian(loss, p), numDeriv::grad(loss, p))
  h <- numDeriv::hessian(loss, p)
  data.frame(case = case, family = family, parameter = names, estimate = p,
             std_error = sqrt(diag(solve(h))), log_likelihood = -loss(p))
}
gompertz <- c("shape", "rate"); gamma3 <- c("mu", "sigma", "Q")
cure <- c("cure_fraction", "shape", "scale"); promoted <- c("cure_fraction", "meanlog", "sdlog")
save_csv(list(
  by_hand("lung", "gompertz", positive, gompertz, c(0.001, -6.4)),
  by_hand("gbsg2", "gompertz", gbsg2, gompertz, c(0.0001, -8)),
  by_hand("macs_entry", "gompertz", macs, gompertz, c(0.1, -2), "entry"),
  by_hand("lung", "generalised_gamma", positive, gamma3, c(6, -0.3, 1.1)),
  by_hand("gbsg2", "generalised_gamma", gbsg2, gamma3, c(7.6, 0, 0.3)),
  by_hand("macs_entry", "generalised_gamma", macs, gamma3, c(1.5, 0, 0.5), "entry"),
  by_hand("gbsg2", "mixture_cure_weibull", gbsg2, cure, c(-1, 0.3, 7)),
  by_hand("gbsg2", "non_mixture_cure_log_normal", gbsg2, promoted, c(-1, 7, 0))
), "parametric")
