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
  add("whas500", Surv(time, event) ~ age + gender + chf, whas500, family)
  add("veteran", Surv(time, event) ~ karnofsky + age, veteran, family)
}
save_csv(parts, "survreg")

# ---- Gompertz, generalised gamma, splines, cure: the likelihood written out in R -------------
# Log hazard and cumulative hazard at t; of p, a list, the location may differ between rows.
log_h_H <- list(
  gompertz = function(p, t) list(p[[2]] + p[[1]] * t, exp(p[[2]]) * expm1(p[[1]] * t) / p[[1]]),
  generalised_gamma = function(p, t) {
    q <- p[[3]]; k <- q^-2; w <- (log(t) - p[[1]]) / exp(p[[2]]); u <- k * exp(q * w)
    log_s <- pgamma(u, k, lower.tail = q < 0, log.p = TRUE)
    log_f <- dgamma(u, k, log = TRUE) + log(u) + log(abs(q)) - p[[2]] - log(t)
    list(log_f - log_s, -log_s)
  },
  mixture_cure_weibull = function(p, t) {
    cured <- plogis(p[[1]]); s0 <- pweibull(t, exp(p[[2]]), exp(p[[3]]), lower.tail = FALSE)
    s <- cured + (1 - cured) * s0
    list(log(1 - cured) + dweibull(t, exp(p[[2]]), exp(p[[3]]), log = TRUE) - log(s), -log(s))
  },
  non_mixture_cure_log_normal = function(p, t) {
    cured <- plogis(p[[1]])
    list(log(-log(cured)) + dlnorm(t, p[[2]], exp(p[[3]]), log = TRUE), -log(cured) * plnorm(t, p[[2]], exp(p[[3]])))
  }
)
maximum <- function(loss, start) {
  for (i in 1:8) start <- optim(start, loss, method = if (i %% 2) "Nelder-Mead" else "BFGS",
                                control = list(reltol = 1e-15, maxit = 5000, parscale = pmax(abs(start), 1e-4), ndeps = rep(1e-4, length(start))))$par
  start
}
# Covariates act on the parameter `location`. `background`: hazard of the population, beside which the model is.
by_hand <- function(case, family, data, names, start, entry = NULL, covariates = NULL, location = 1, background = NULL) {
  from <- if (is.null(entry)) rep(0, nrow(data)) else data[[entry]]
  beside <- if (is.null(background)) rep(0, nrow(data)) else data[[background]]
  base <- seq_along(names)
  names <- c(names, covariates)
  start <- c(start, rep(0, length(covariates)))
  design <- as.matrix(data[covariates])
  of_rows <- function(p, rows) {
    each <- as.list(p[base])
    if (length(covariates)) each[[location]] <- each[[location]] + drop(design[rows, , drop = FALSE] %*% p[-base])
    each
  }
  loss <- function(p) {
    v <- log_h_H[[family]](of_rows(p, TRUE), data$time)
    late <- from > 0
    died <- data$event == 1
    total <- sum(log(exp(v[[1]][died]) + beside[died])) - sum(v[[2]])
    if (any(late)) total <- total + sum(log_h_H[[family]](of_rows(p, late), from[late])[[2]])
    if (isTRUE(is.finite(total))) -total else 1e10
  }
  p <- maximum(loss, start)
  # Steps of the differences are in standard errors, so that parameters which go together do not spoil them.
  root <- diag(pmax(abs(p), 1e-3) / 100, length(p))
  for (i in 1:6) {
    at <- function(z) loss(p + drop(root %*% z))
    zero <- rep(0, length(p))
    h <- numDeriv::hessian(at, zero, method.args = list(eps = 0.02))
    if (i < 6) p <- p - drop(root %*% solve(h, numDeriv::grad(at, zero, method.args = list(eps = 0.02))))
    covariance <- root %*% solve(h) %*% t(root)
    root <- t(chol((covariance + t(covariance)) / 2))
  }
  data.frame(case = case, family = family, parameter = names, estimate = p,
             std_error = sqrt(diag(covariance)), log_likelihood = -loss(p))
}
# Royston and Parmar: a natural cubic spline of log time with knots at quantiles of the log event times, for
# log H (hazard), the log odds of the event (odds) or minus the normal quantile of S (normal).
spline_of <- function(scale, inner, data) {
  knots <- quantile(log(data$time[data$event == 1]), seq(0, 1, length.out = inner + 2), names = FALSE)
  first <- knots[1]; last <- knots[inner + 2]
  cube <- function(x, knot, derivative) if (derivative) 3 * pmax(x - knot, 0)^2 else pmax(x - knot, 0)^3
  basis <- function(x, derivative = FALSE) sapply(knots[1 + seq_len(inner)], function(knot) {
    share <- (last - knot) / (last - first)
    cube(x, knot, derivative) - share * cube(x, first, derivative) - (1 - share) * cube(x, last, derivative)
  })
  log_h_H[[paste("spline", scale, inner, sep = "_")]] <<- function(p, t) {
    x <- log(t); bends <- unlist(p[-(1:2)])
    s <- p[[1]] + p[[2]] * x + drop(matrix(basis(x), length(t)) %*% bends)
    slope <- p[[2]] + drop(matrix(basis(x, TRUE), length(t)) %*% bends)
    log_slope <- suppressWarnings(ifelse(slope > 0, log(slope), -Inf)) - x
    switch(scale,
      hazard = list(log_slope + s, exp(s)),
      odds = list(log_slope + s - log1p(exp(s)), log1p(exp(s))),
      normal = list(log_slope + dnorm(s, log = TRUE) - pnorm(-s, log.p = TRUE), -pnorm(-s, log.p = TRUE)))
  }
  curve <- survfit(Surv(time, event) ~ 1, data)
  jump <- curve$n.event > 0 & curve$surv > 0
  surv <- curve$surv[jump]; x <- log(curve$time[jump])
  outcome <- switch(scale, hazard = log(-log(surv)), odds = qlogis(1 - surv), normal = -qnorm(surv))
  unname(coef(lm(outcome ~ x + basis(x))))
}
spline_by_hand <- function(case, scale, inner, data, ...) {
  start <- spline_of(scale, inner, data)
  by_hand(case, paste("spline", scale, inner, sep = "_"), data, paste0("gamma", seq_len(inner + 2) - 1), start, ...)
}
gompertz <- c("shape", "rate"); gamma3 <- c("mu", "sigma", "Q")
of_whas500 <- c("age", "gender", "chf"); of_gbsg2 <- c("tsize", "pnodes")
cure <- c("cure_fraction", "shape", "scale"); promoted <- c("cure_fraction", "meanlog", "sdlog")
save_csv(list(
  by_hand("lung", "gompertz", positive, gompertz, c(0.001, -6.4)),
  by_hand("gbsg2", "gompertz", gbsg2, gompertz, c(0.0001, -8)),
  by_hand("macs_entry", "gompertz", macs, gompertz, c(0.1, -2), "entry"),
  by_hand("lung", "generalised_gamma", positive, gamma3, c(6, -0.3, 1.1)),
  by_hand("gbsg2", "generalised_gamma", gbsg2, gamma3, c(7.6, 0, 0.3)),
  by_hand("macs_entry", "generalised_gamma", macs, gamma3, c(1.5, 0, 0.5), "entry"),
  by_hand("gbsg2", "mixture_cure_weibull", gbsg2, cure, c(-1, 0.3, 7)),
  by_hand("gbsg2", "non_mixture_cure_log_normal", gbsg2, promoted, c(-1, 7, 0)),
  spline_by_hand("lung", "hazard", 1, positive),
  spline_by_hand("lung", "odds", 2, positive),
  spline_by_hand("lung", "normal", 1, positive),
  spline_by_hand("gbsg2", "hazard", 2, gbsg2),
  spline_by_hand("gbsg2", "odds", 1, gbsg2),
  spline_by_hand("gbsg2", "normal", 2, gbsg2),
  by_hand("whas500_covariates", "gompertz", whas500, gompertz, c(-0.001, -7), covariates = of_whas500, location = 2),
  by_hand("whas500_covariates", "generalised_gamma", whas500, gamma3, c(7.5, 0.7, 0.5), covariates = of_whas500),
  spline_by_hand("whas500_covariates", "hazard", 1, whas500, covariates = of_whas500),
  spline_by_hand("whas500_covariates", "odds", 2, whas500, covariates = of_whas500),
  by_hand("gbsg2_covariates", "gompertz", gbsg2, gompertz, c(0.0001, -8), covariates = of_gbsg2, location = 2),
  by_hand("gbsg2_covariates", "mixture_cure_weibull", gbsg2, cure, c(-1, 0.3, 7), covariates = of_gbsg2),
  by_hand("gbsg2_covariates", "non_mixture_cure_log_normal", gbsg2, promoted, c(-1, 7, 0), covariates = of_gbsg2),
  spline_by_hand("gbsg2_covariates", "normal", 1, gbsg2, covariates = of_gbsg2),
  by_hand("whas500_background", "gompertz", whas500, gompertz, c(-0.001, -7), background = "background"),
  spline_by_hand("whas500_background", "hazard", 1, whas500, background = "background"),
  by_hand("gbsg2_background", "mixture_cure_weibull", gbsg2, cure, c(0, 0.3, 7), background = "background"),
  by_hand("gbsg2_background_covariate", "mixture_cure_weibull", gbsg2, cure, c(0, 0.3, 7), covariates = "pnodes",
          background = "background"),
  by_hand("gbsg2_background_covariate", "non_mixture_cure_log_normal", gbsg2, promoted, c(0, 7.5, 0),
          covariates = "pnodes", background = "background")
), "parametric")
