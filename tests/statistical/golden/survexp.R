# Expected survival of a small cohort by the life table of tests/lib/reference_rates.py: run as common.R says.
library(survival)
arguments <- commandArgs(trailingOnly = TRUE)
table <- read.csv(file.path(arguments[1], "life_table.csv"))
out <- file.path(arguments[2], "survexp")
ages <- sort(unique(table$age)); years <- sort(unique(table$year)); sexes <- c("F", "M")
rates <- array(0, c(length(ages), 2, length(years)), list(ages, sexes, years))
for (sex in sexes) for (year in years) {
  of <- table[table$sex == sex & table$year == year, ]
  rates[, sex, as.character(year)] <- of$rate[match(ages, of$age)] / 365.25
}
attributes(rates) <- c(attributes(rates), list(
  dimid = c("age", "sex", "year"), type = c(2, 1, 3),
  cutpoints = list(ages * 365.25, NULL, as.Date(paste0(years, "-01-01")))))
class(rates) <- "ratetable"
i <- 1:40
people <- data.frame(sex = ifelse(i %% 3 == 0, "M", "F"), age_years = 40 + (i * 7) %% 45 + (i %% 12) / 12,
                     start_date = as.character(as.Date("2016-03-01") + (i * 97) %% 2500))
times <- c(30, 182, 365, 730, 1825, 3650, 7300)
fit <- survexp(~1, data = people, rmap = list(age = age_years * 365.25, sex = sex, year = as.Date(start_date)),
               ratetable = rates, times = times, method = "ederer")
write.csv(people, file.path(out, "people.csv"), row.names = FALSE, quote = FALSE)
write.csv(data.frame(time_days = fit$time, survival = sprintf("%.17g", fit$surv)),
          file.path(out, "survexp.csv"), row.names = FALSE, quote = FALSE)
