# What the scripts of this folder share: the tables, and writing a golden file.
#   Rscript tests/statistical/golden/SCRIPT.R TABLES tests/statistical/golden
suppressMessages({ library(survival); library(cmprsk) })
arguments <- commandArgs(trailingOnly = TRUE)
tables <- arguments[1]
out <- arguments[2]
load_table <- function(name) {
  table <- read.csv(file.path(tables, paste0(name, ".csv")))
  whole <- sapply(table, is.integer)
  table[whole] <- lapply(table[whole], as.double)  # cox.zph of 3.5 fails on a model of integers alone
  table
}
for (name in c("rossi", "lung", "gbsg2", "macs", "stanford", "ties", "untied", "zero_time", "heart", "courses",
               "whas500", "veteran", "actg320", "cgvhd", "bmt", "flchain")) {
  assign(name, load_table(name))
}
save_csv <- function(parts, name) {
  all <- do.call(rbind, parts)
  numeric <- sapply(all, is.double)
  all[numeric] <- lapply(all[numeric], function(x) ifelse(is.na(x), "", sprintf("%.17g", x)))
  write.csv(all, file.path(out, paste0(name, ".csv")), row.names = FALSE, quote = FALSE)
}
strata_of <- function(s) if (is.null(s$strata)) "" else gsub("[A-Za-z_0-9]+=", "", as.character(s$strata))
