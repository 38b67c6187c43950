# Simultaneous bands by the formulas of Klein and Moeschberger (2003, section 4.4) on R's survfit, for
# the tables of tests/lib/parity_tables.py: run as common.R says. The critical values are computed here
# too, otherwise than in Python, since km.ci has tables of few digits.
source(file.path(commandArgs(trailingOnly = TRUE)[2], "common.R"))

# P(|OU| <= c over a time): its generator f'' - x f' collocated at Chebyshev points, zero at +-c.
chebyshev <- function(n) {
  x <- cos(pi * (0:n) / n)
  w <- c(2, rep(1, n - 1), 2) * (-1)^(0:n)
  dx <- outer(x, x, "-") + diag(n + 1)
  d <- outer(w, 1 / w) / dx
  list(x = x, d = d - diag(rowSums(d)))
}
clenshaw <- function(n) {
  theta <- pi * (0:n) / n
  sapply(0:n, function(k) {
    j <- 1:(n / 2)
    b <- ifelse(j == n / 2, 1, 2)
    ifelse(k %in% c(0, n), 1, 2) / n * (1 - sum(b / (4 * j^2 - 1) * cos(2 * j * theta[k + 1])))
  })
}
grid <- chebyshev(64)
weights <- clenshaw(64)
ou_stays <- function(c, duration) {
  x <- c * grid$x
  d <- grid$d / c
  inside <- 2:64
  generator <- (d %*% d - x * d)[inside, inside]
  e <- eigen(generator)
  u <- Re(e$vectors %*% (exp(e$values * duration) * solve(e$vectors, rep(1 + 0i, 63))))
  sum(c * weights[inside] * dnorm(x[inside]) * u)
}
equal_precision <- function(v, n, level) {
  uniroot(function(c) ou_stays(c, log(v[length(v)] / v[1]) / 2) - level, c(1.5, 8), tol = 1e-13)$root
}
# P(|bridge| <= k over [a, b]): absorbed between its ends, whose normal densities are integrated.
bridge_stays <- function(k, a, b) {
  part <- function(variance, n) {
    f <- function(y) dnorm(y, 0, sqrt(variance)) * sin(n * pi * (y + k) / (2 * k))
    reach <- min(k, 10 * sqrt(variance))
    integrate(f, -reach, reach, rel.tol = 1e-11, abs.tol = 1e-14, subdivisions = 5000, stop.on.error = FALSE)$value
  }
  n <- 1:60
  sum(sapply(n, function(m) exp(-(m * pi)^2 * (b - a) / (8 * k^2)) * part(a, m) * part(1 - b, m))) * sqrt(2 * pi) / k
}
hall_wellner <- function(v, n, level) {
  share <- n * v / (1 + n * v)
  uniroot(function(k) bridge_stays(k, share[1], share[length(share)]) - level, c(0.4, 4), tol = 1e-13)$root
}
band <- function(case, fit, kind, transform, from = 0, to = Inf, level = 0.95) {
  s <- summary(fit, censored = TRUE)
  groups <- gsub(" +(,|$)", "\\1", as.character(strata_of(s)))
  do.call(rbind, lapply(unique(groups), function(g) {
    mine <- groups == g
    p <- s$surv[mine]
    v <- (s$std.err[mine] / p)^2
    time <- as.double(s$time[mine])
    n <- s$n.risk[mine][1]
    known <- is.finite(v) & v > 0 & p > 0 & time >= from & time <= to
    p <- p[known]; v <- v[known]
    value <- get(kind)(v, n, level)
    width <- if (kind == "equal_precision") value * sqrt(v) else value * (1 + n * v) / sqrt(n)
    limits <- switch(transform,
      "plain" = list(pmax(p * (1 - width), 0), pmin(p * (1 + width), 1)),
      "log-log" = { theta <- exp(width / log(p)); list(p^(1 / theta), p^theta) },
      "arcsine" = {
        reach <- 0.5 * width * sqrt(p / (1 - p))
        list(sin(pmax(0, asin(sqrt(p)) - reach))^2, sin(pmin(pi / 2, asin(sqrt(p)) + reach))^2)
      })
    data.frame(case = case, group = g, time = time[known], survival = p, band_lower = limits[[1]],
               band_upper = limits[[2]], critical_value = value)
  }))
}
by_sex <- survfit(Surv(time, event) ~ sex, lung)
save_csv(list(
  band("lung", by_sex, "equal_precision", "log-log"),
  band("lung_arcsine", by_sex, "equal_precision", "arcsine", 30, 600),
  band("lung_plain", by_sex, "equal_precision", "plain", 30, 600, 0.9),
  band("lung_hall", by_sex, "hall_wellner", "log-log"),
  band("lung_hall_arcsine", by_sex, "hall_wellner", "arcsine", 30, 600),
  band("lung_hall_plain", by_sex, "hall_wellner", "plain", 30, 600, 0.99),
  band("gbsg2", survfit(Surv(time, event) ~ horTh, gbsg2), "equal_precision", "log-log"),
  band("gbsg2_hall", survfit(Surv(time, event) ~ horTh, gbsg2), "hall_wellner", "log-log"),
  band("ties", survfit(Surv(time, event) ~ group, ties), "hall_wellner", "log-log"),
  band("macs_entry", survfit(Surv(entry, time, event) ~ 1, macs), "equal_precision", "log-log"),
  band("whas500", survfit(Surv(time, event) ~ gender, whas500), "equal_precision", "log-log"),
  band("veteran_hall", survfit(Surv(time, event) ~ treatment, veteran), "hall_wellner", "log-log")
), "simultaneous_bands")
