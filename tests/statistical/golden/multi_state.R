# Multi-state probabilities, competing risks of prodlim, and simultaneous bands for the tables of
# tests/lib/parity_tables.py: run as common.R says.
source(file.path(commandArgs(trailingOnly = TRUE)[2], "common.R"))
suppressMessages({ library(etm); library(prodlim) })

# ---- State-occupation probabilities and time in state ---------------------------------------
states_of <- list(heart = c("waiting", "transplanted", "dead"), courses = c("well", "ill", "dead"))
fit_states <- function(data, states, group = NULL, p0 = NULL) {
  data$event <- factor(ifelse(data$to == "", "none", data$to), c("none", states))
  data$istate <- factor(data$from, states)
  data$g <- if (is.null(group)) "" else data[[group]]
  lapply(sort(unique(data$g)), function(level) {
    of <- data[data$g == level, ]
    fit <- survfit(Surv(start, stop, event) ~ 1, of, id = id, istate = istate, influence = TRUE, conf.type = "log-log",
                   p0 = p0)
    list(level = level, fit = fit)
  })
}
occupation <- function(case, data, states, ...) {
  do.call(rbind, lapply(fit_states(data, states, ...), function(one) {
    f <- one$fit
    do.call(rbind, lapply(states, function(state) {
      j <- match(state, f$states)
      data.frame(case = case, group = one$level, state = state, time = as.double(f$time),
                 n_risk = as.double(f$n.risk[, j]), n_event = as.double(f$n.event[, j]), probability = f$pstate[, j],
                 std_error = f$std.err[, j], ci_lower = f$lower[, j], ci_upper = f$upper[, j])
    }))
  }))
}
# Area under each curve from 0, and the root of the sum of squares of the people's areas.
time_in <- function(case, data, states, horizons, ...) {
  do.call(rbind, lapply(fit_states(data, states, ...), function(one) {
    f <- one$fit
    do.call(rbind, lapply(horizons, function(horizon) {
      inside <- f$time < horizon
      width <- diff(c(0, f$time[inside], horizon))
      pstate <- rbind(f$p0, f$pstate)[c(TRUE, inside), , drop = FALSE]
      influence <- f$influence.pstate[, c(TRUE, inside), , drop = FALSE]
      do.call(rbind, lapply(states, function(state) {
        j <- match(state, f$states)
        area <- apply(influence[, , j, drop = FALSE], 1, function(one) sum(one * width))
        data.frame(case = case, group = one$level, state = state, horizon = as.double(horizon),
                   mean_time = sum(width * pstate[, j]), std_error = sqrt(sum(area^2)))
      }))
    }))
  }))
}
on_time <- courses[courses$id %in% courses$id[courses$start == 0], ]
all_in <- function(state, states) as.double(states == state)
save_csv(list(
  occupation("heart", heart, states_of$heart),
  occupation("heart_by", heart, states_of$heart, "surgery"),
  occupation("courses", courses, states_of$courses),
  occupation("courses_by", courses, states_of$courses, "group"),
  occupation("courses_initial", courses, states_of$courses, "group", c(1, 0, 0))
), "state_occupation")
save_csv(list(
  time_in("heart", heart, states_of$heart, c(90, 365, 1200)),
  time_in("heart_by", heart, states_of$heart, 365, "surgery"),
  time_in("courses", courses, states_of$courses, c(3, 7.5)),
  time_in("courses_initial", courses, states_of$courses, 6, "group", c(1, 0, 0))
), "time_in_state")

# ---- Transition probabilities ----------------------------------------------------------------
matrix_from <- function(case, data, states, after, allowed) {
  tra <- matrix(FALSE, 3, 3, dimnames = list(states, states))
  for (pair in allowed) tra[pair[1], pair[2]] <- TRUE
  of <- data.frame(id = data$id, from = data$from, to = ifelse(data$to == "", "cens", data$to),
                   entry = data$start, exit = data$stop)
  fit <- etm(of, states, tra, "cens", s = after)
  pairs <- expand.grid(from = states, to = states, stringsAsFactors = FALSE)
  do.call(rbind, lapply(seq_len(nrow(pairs)), function(i) {
    name <- paste(pairs$from[i], pairs$to[i])
    data.frame(case = case, group = "", from_state = pairs$from[i], to_state = pairs$to[i], time = as.double(fit$time),
               probability = fit$est[pairs$from[i], pairs$to[i], ],
               std_error = sqrt(pmax(fit$cov[name, name, ], 0)))
  }))
}
forward <- list(c("waiting", "transplanted"), c("waiting", "dead"), c("transplanted", "dead"))
both_ways <- list(c("well", "ill"), c("ill", "well"), c("well", "dead"), c("ill", "dead"))
save_csv(list(
  matrix_from("heart", heart, states_of$heart, 0, forward),
  matrix_from("heart_later", heart, states_of$heart, 60, forward),
  matrix_from("courses", courses, states_of$courses, 0, both_ways),
  matrix_from("courses_later", courses, states_of$courses, 4, both_ways)
), "transition_probabilities")

# ---- Competing risks of prodlim ---------------------------------------------------------------
of_prodlim <- function(case, data, group) {
  data$g <- as.character(data[[group]])
  fit <- prodlim(Hist(time, cause) ~ g, data = data)
  do.call(rbind, lapply(seq_along(fit$size.strata), function(i) {
    rows <- fit$first.strata[i] - 1 + seq_len(fit$size.strata[i])
    do.call(rbind, lapply(names(fit$cuminc), function(cause) {
      data.frame(case = case, group = as.character(fit$X$g[i]), cause = as.integer(cause), time = as.double(fit$time[rows]),
                 incidence = fit$cuminc[[cause]][rows], std_error = fit$se.cuminc[[cause]][rows])
    }))
  }))
}
save_csv(list(
  of_prodlim("lung", lung, "sex"), of_prodlim("gbsg2", gbsg2, "horTh"), of_prodlim("ties", ties, "group"),
  of_prodlim("rossi", rossi, "fin"), of_prodlim("cgvhd", cgvhd, "tx"), of_prodlim("bmt", bmt, "dis")
), "prodlim")
# Beside the versions that survival.R writes.
versions <- file.path(out, "versions.txt")
named <- sapply(c("etm", "prodlim"), function(package) paste(package, packageVersion(package)))
writeLines(unique(c(readLines(versions), named)), versions)
