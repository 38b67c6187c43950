# Cox models with Firth's penalty for the tables of tests/lib/parity_tables.py: run as common.R says.
# Debian has no coxphf: the penalised likelihood is that of coxph (Efron) held at given coefficients,
# plus half the log determinant of its information; it is maximised, and profiled, here.
source(file.path(commandArgs(trailingOnly = TRUE)[2], "common.R"))

held <- function(formula, data, beta) {
  fit <- tryCatch(suppressWarnings(coxph(formula, data, init = beta, control = coxph.control(iter.max = 0))),
                  error = function(e) NULL)
  if (is.null(fit)) return(list(value = -1e10))  # the search went where exp() overflows
  list(value = fit$loglik[2] - 0.5 * as.double(determinant(fit$var)$modulus), var = fit$var)
}
# Newton's method with numerical derivatives of the penalised likelihood, from optim's answer.
maximise <- function(f, start) {
  if (!length(start)) return(list(par = start, value = f(start)))
  beta <- optim(start, function(b) -f(b), method = "BFGS", control = list(reltol = 1e-15, maxit = 2000))$par
  p <- length(beta)
  for (iteration in 1:12) {
    h <- 1e-4
    e <- diag(p) * h
    # Differences of fourth order.
    g <- sapply(1:p, function(j) (8 * (f(beta + e[j, ]) - f(beta - e[j, ])) - (f(beta + 2 * e[j, ]) - f(beta - 2 * e[j, ]))) / (12 * h))
    k <- 2e-3
    e <- diag(p) * k
    hessian <- outer(1:p, 1:p, Vectorize(function(i, j) (f(beta + e[i, ] + e[j, ]) - f(beta + e[i, ] - e[j, ]) -
                       f(beta - e[i, ] + e[j, ]) + f(beta - e[i, ] - e[j, ])) / (4 * k^2)))
    beta <- beta - solve(hessian, g)
  }
  list(par = beta, value = f(beta))
}
firth <- function(case, formula, data, terms) {
  p <- length(terms)
  f <- function(beta) held(formula, data, beta)$value
  best <- maximise(f, rep(0, p))
  var <- held(formula, data, best$par)$var
  error <- sqrt(diag(var))
  fixed <- function(j, value) {
    maximise(function(other) { b <- numeric(p); b[j] <- value; b[-j] <- other; f(b) }, best$par[-j])$value
  }
  lines <- lapply(1:p, function(j) {
    drop <- function(value) best$value - fixed(j, value) - qchisq(0.95, 1) / 2
    reach <- function(side) {
      far <- 1
      while (drop(best$par[j] + side * far * error[j]) < 0) far <- far * 1.5
      uniroot(drop, sort(best$par[j] + side * c(0, far) * error[j]), tol = 1e-10)$root
    }
    statistic <- 2 * (best$value - fixed(j, 0))
    data.frame(case = case, term = terms[j], coefficient = best$par[j], std_error = error[j],
               ci_lower = exp(reach(-1)), ci_upper = exp(reach(1)), p_value = pchisq(statistic, 1, lower.tail = FALSE),
               log_likelihood = best$value)
  })
  do.call(rbind, lines)
}
separated <- ties
separated$only <- as.double(ties$event == 0 & ties$x > 1.5)  # nobody of these has the event
few <- lung[lung$time <= 60 | seq_len(nrow(lung)) %% 6 == 0, ]
few$event <- as.double(few$event == 1 & few$time <= 40)
save_csv(list(
  firth("ties_separated", Surv(time, event) ~ only + x, separated, c("only", "x")),
  firth("lung_few", Surv(time, event) ~ sex + ecog, few, c("sex", "ecog")),
  firth("rossi", Surv(time, event) ~ fin + prio, rossi, c("fin", "prio")),
  firth("stanford", Surv(entry, time, event) ~ year + transplant, stanford, c("year", "transplant")),
  firth("ties_strata", Surv(entry, time, event) ~ x + z + strata(stratum), ties, c("x", "z"))
), "firth")
