# What R gives for the EBMT table as courses: transplanted, relapsed, dead; with a relapse on the day of
# death passed over. Run as ebmt.R says.
suppressMessages({ library(survival); library(etm) })
arguments <- commandArgs(trailingOnly = TRUE)
d <- read.csv(arguments[1], row.names = 1)
d$srv <- floor(d$srv); d$rel <- floor(d$rel)
d$id <- seq_len(nrow(d))
relapses <- d$rel.s == 1 & (d$rel < d$srv | (d$rel == d$srv & d$srv.s == 0))
first <- with(d, data.frame(id, start = 0, stop = ifelse(relapses, rel, srv), from = "transplanted",
                            to = ifelse(relapses, "relapsed", ifelse(srv.s == 1, "dead", ""))))
later <- with(d[relapses & d$rel < d$srv, ], data.frame(id, start = rel, stop = srv, from = "relapsed",
                                                         to = ifelse(srv.s == 1, "dead", "")))
rows <- rbind(first, later)
states <- c("transplanted", "relapsed", "dead")
rows$event <- factor(ifelse(rows$to == "", "none", rows$to), c("none", states))
fit <- survfit(Surv(start, stop, event) ~ 1, rows, id = id, istate = factor(from, states), influence = TRUE,
               conf.type = "log-log")
horizons <- c(365, 730, 1826)
at <- summary(fit, times = horizons)
occupied <- do.call(rbind, lapply(states, function(state) {
  j <- match(state, fit$states)
  data.frame(what = "probability", state = state, horizon_days = horizons, value = at$pstate[, j],
             std_error = at$std.err[, j], ci_lower = at$lower[, j], ci_upper = at$upper[, j])
}))
times <- do.call(rbind, lapply(horizons, function(horizon) {
  inside <- fit$time < horizon
  width <- diff(c(0, fit$time[inside], horizon))
  pstate <- rbind(fit$p0, fit$pstate)[c(TRUE, inside), ]
  do.call(rbind, lapply(states, function(state) {
    j <- match(state, fit$states)
    area <- drop(fit$influence.pstate[, c(TRUE, inside), j] %*% width)
    data.frame(what = "mean_days", state = state, horizon_days = horizon, value = sum(width * pstate[, j]),
               std_error = sqrt(sum(area^2)), ci_lower = NA, ci_upper = NA)
  }))
}))
tra <- matrix(FALSE, 3, 3, dimnames = list(states, states))
tra[1, 2] <- tra[1, 3] <- tra[2, 3] <- TRUE
of_etm <- rows[rows$stop > rows$start, ]
matrix_at <- etm(data.frame(id = of_etm$id, from = of_etm$from, to = ifelse(of_etm$to == "", "cens", of_etm$to),
                            entry = of_etm$start, exit = of_etm$stop), states, tra, "cens", s = 100)
last <- max(which(matrix_at$time <= 1826))
later_on <- do.call(rbind, lapply(list(c(1, 2), c(1, 3), c(2, 3)), function(pair) {
  name <- paste(states[pair[1]], states[pair[2]])
  data.frame(what = paste("from", states[pair[1]]), state = states[pair[2]], horizon_days = 1826,
             value = matrix_at$est[pair[1], pair[2], last], std_error = sqrt(matrix_at$cov[name, name, last]),
             ci_lower = NA, ci_upper = NA)
}))
table <- rbind(occupied, times, later_on)
numeric <- sapply(table, is.double)
table[numeric] <- lapply(table[numeric], function(x) ifelse(is.na(x), "", sprintf("%.17g", x)))
write.csv(table, file.path(arguments[2], "courses.csv"), row.names = FALSE, quote = FALSE)
