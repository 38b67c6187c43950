# A job of benchmarks/survival.py in R: Rscript survival.R JOB CONTENDER FOLDER
# FOLDER has a file of doubles a column. Prints seconds and peak megabytes as JSON.
suppressMessages({ library(survival); library(cmprsk) })
arguments <- commandArgs(trailingOnly = TRUE)
job <- arguments[1]
contender <- arguments[2]
files <- list.files(arguments[3], pattern = "[.]bin$", full.names = TRUE)
columns <- lapply(files, function(f) readBin(f, "double", file.size(f) / 8))
data <- as.data.frame(setNames(columns, sub("[.]bin$", "", basename(files))))
covariates <- grep("^x[0-9]$", names(data), value = TRUE)
bare_cox <- function(d) {
  coxph.fit(as.matrix(d[covariates]), Surv(d$time, d$event), NULL, NULL, NULL, coxph.control(), NULL, "efron",
            seq_len(nrow(d)), resid = FALSE)
}
run <- switch(paste(job, contender),
  "km survfit" = , "km_large survfit" = function(d) survfit(Surv(time, event) ~ 1, d, conf.type = "log-log"),
  "strata survfit" = function(d) survfit(Surv(time, event) ~ stratum, d, conf.type = "log-log"),
  "aalen_johansen cuminc" = function(d) cuminc(d$time, d$cause),
  "aalen_johansen survfit" = function(d) survfit(Surv(time, factor(cause, 0:2)) ~ 1, d),
  "log_rank survdiff" = function(d) survdiff(Surv(time, event) ~ arm, d),
  "cox coxph.fit" = bare_cox,
  "cox coxph" = function(d) coxph(reformulate(covariates, "Surv(time, event)"), d),
  "iptw coxph" = function(d) coxph(Surv(time, event) ~ arm, d, weights = weight, robust = TRUE)
)
if (is.null(run)) stop("no such job in R: ", job, ", ", contender)
invisible(run(head(data, 2000)))
invisible(gc())
if (file.exists("/proc/self/clear_refs")) cat("5", file = "/proc/self/clear_refs")
taken <- system.time(run(data))
peak <- NA
if (file.exists("/proc/self/status")) {
  line <- grep("^VmHWM", readLines("/proc/self/status"), value = TRUE)
  peak <- as.double(gsub("[^0-9]", "", line)) / 1024
}
cat(sprintf('{"seconds": %.6f, "processor": %.6f, "megabytes": %.1f}\n', taken[["elapsed"]],
            taken[["user.self"]] + taken[["sys.self"]], peak))
