# What R gives for the EBMT table as courses through its six states: transplanted, recovered, adverse
# event, both, relapsed, dead. A state follows from what has happened by a day: of two states on one day the
# last one counts, and after a relapse neither recovery nor an adverse event does. Run as ebmt.R says.
suppressMessages({ library(survival); library(etm) })
arguments <- commandArgs(trailingOnly = TRUE)
d <- read.csv(arguments[1], row.names = 1)
states <- c("transplanted", "recovered", "adverse_event", "both", "relapsed", "dead")
happened <- sapply(c("rec", "ae", "rel", "srv"), function(name)
  ifelse(d[[paste0(name, ".s")]] == 1, floor(d[[name]]), Inf))
end <- floor(d$srv)
course <- function(i) {
  own <- happened[i, ]
  days <- sort(unique(own[own <= end[i]]))
  at <- vapply(days, function(day) {
    is <- own <= day
    if (is["srv"]) 6L else if (is["rel"]) 5L else if (is["rec"] && is["ae"]) 4L else if (is["rec"]) 2L else 3L
  }, 1L)
  new <- c(TRUE, diff(at) != 0)[seq_along(at)]
  in_state <- c(1L, at[new]); since <- c(0, days[new])
  until <- c(since[-1], end[i])
  to <- c(in_state[-1], NA)
  kept <- in_state != 6L & (until > since | !is.na(to))
  data.frame(id = d$id[i], start = since, stop = until, from = states[in_state], to = states[to])[kept, ]
}
rows <- do.call(rbind, lapply(seq_len(nrow(d)), course))
# survfit knows no move at the origin: there is none in the table.
stopifnot(all(rows$stop > rows$start))
rows$event <- factor(ifelse(is.na(rows$to), "none", rows$to), c("none", states))
rows$from <- factor(rows$from, states)
fit <- survfit(Surv(start, stop, event) ~ 1, rows, id = id, istate = from, influence = TRUE, conf.type = "log-log")
horizons <- c(100, 365, 1826)
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
moves <- unique(rows[!is.na(rows$to), c("from", "to")])
tra <- matrix(FALSE, 6, 6, dimnames = list(states, states))
tra[cbind(match(moves$from, states), match(moves$to, states))] <- TRUE
matrix_at <- etm(data.frame(id = rows$id, from = as.character(rows$from), to = ifelse(is.na(rows$to), "cens", rows$to),
                            entry = rows$start, exit = rows$stop), states, tra, "cens", s = 100)
last <- max(which(matrix_at$time <= 1826))
pairs <- expand.grid(from = states[1:5], to = states, stringsAsFactors = FALSE)
later_on <- do.call(rbind, lapply(seq_len(nrow(pairs)), function(k) {
  name <- paste(pairs$from[k], pairs$to[k])
  data.frame(what = paste("from", pairs$from[k]), state = pairs$to[k], horizon_days = 1826,
             value = matrix_at$est[pairs$from[k], pairs$to[k], last], std_error = sqrt(matrix_at$cov[name, name, last]),
             ci_lower = NA, ci_upper = NA)
}))
counted <- as.data.frame(table(from = rows$from, to = factor(rows$to, states)))
counted <- counted[counted$Freq > 0, ]
moved <- data.frame(what = paste("moves", counted$from), state = counted$to, horizon_days = NA_real_,
                    value = as.double(counted$Freq), std_error = NA_real_, ci_lower = NA, ci_upper = NA)
table <- rbind(moved, occupied, times, later_on)
numeric <- sapply(table, is.numeric)
table[numeric] <- lapply(table[numeric], function(x) ifelse(is.na(x), "", sprintf("%.17g", x)))
write.csv(table, file.path(arguments[2], "six_states.csv"), row.names = FALSE, quote = FALSE)
