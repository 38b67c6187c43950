# Gray's test and Fine-Gray regression for the tables of tests/lib/parity_tables.py: run as common.R says.
source(file.path(commandArgs(trailingOnly = TRUE)[2], "common.R"))

# ---- Gray's test ---------------------------------------------------------------------------
gray <- function(case, data, group, strata = rep(1, nrow(data)), rho = 0) {
  tests <- cuminc(data$time, data$cause, group, strata, rho = rho)$Tests
  data.frame(case = case, cause = as.integer(rownames(tests)), statistic = as.double(tests[, "stat"]),
             degrees_of_freedom = as.integer(tests[, "df"]), p_value = as.double(tests[, "pv"]))
}
save_csv(list(
  gray("rossi", rossi, rossi$fin),
  gray("rossi_rho", rossi, rossi$fin, rho = 1),
  gray("rossi_strata", rossi, rossi$fin, rossi$wexp),
  gray("lung", lung, lung$sex),
  gray("lung_strata", lung, lung$sex, lung$ecog),
  gray("gbsg2", gbsg2, gbsg2$tgrade),
  gray("gbsg2_strata", gbsg2, gbsg2$tgrade, gbsg2$menostat),
  gray("ties", ties, ties$group),
  gray("ties_strata", ties, ties$group, ties$stratum),
  gray("ties_strata_rho", ties, ties$group, ties$stratum, rho = 1),
  gray("untied", untied, untied$group),
  gray("cgvhd", cgvhd, cgvhd$tx),
  gray("cgvhd_strata", cgvhd, cgvhd$tx, cgvhd$dx),
  gray("bmt", bmt, bmt$dis),
  gray("flchain", flchain, flchain$sex)
), "gray")

# ---- Fine-Gray -----------------------------------------------------------------------------
tight <- coxph.control(eps = 1e-14, iter.max = 60, toler.chol = 1e-15)
with_id <- function(data) {
  data$person <- data$row2 <- seq_len(nrow(data))
  data$cause <- factor(data$cause, levels = 0:max(data$cause))
  data
}
rossi <- with_id(rossi); lung <- with_id(lung); gbsg2 <- with_id(gbsg2); ties <- with_id(ties); untied <- with_id(untied)
cgvhd <- with_id(cgvhd); bmt <- with_id(bmt)
gbsg2$horTh <- factor(gbsg2$horTh)
ties$group <- factor(ties$group); untied$group <- factor(untied$group)
# The row number rides along as `person`, by which the robust variance knows who is who (finegray drops `id`).
lengthen <- function(data, etype) finegray(Surv(time, cause) ~ ., data = data, etype = etype)
weighted <- finegray(Surv(time, cause) ~ ., data = rossi, etype = "2", weights = half_weight)
late <- finegray(Surv(entry, time, cause) ~ ., data = ties, etype = "1", id = row2)
both <- finegray(Surv(time, cause) ~ . + strata(stratum), data = ties, etype = "1")
both$stratum <- ties$stratum[both$person]
fits <- list(
  rossi = coxph(Surv(fgstart, fgstop, fgstatus) ~ fin + age + prio, lengthen(rossi, "1"), weights = fgwt,
                cluster = person, control = tight),
  rossi_half = coxph(Surv(fgstart, fgstop, fgstatus) ~ fin + age, weighted,
                     weights = fgwt, cluster = person, control = tight),
  lung = coxph(Surv(fgstart, fgstop, fgstatus) ~ sex + ecog, lengthen(lung, "1"), weights = fgwt, cluster = person,
               control = tight),
  lung_other = coxph(Surv(fgstart, fgstop, fgstatus) ~ sex + ecog, lengthen(lung, "2"), weights = fgwt,
                     cluster = person, control = tight),
  gbsg2 = coxph(Surv(fgstart, fgstop, fgstatus) ~ horTh + age + tsize, lengthen(gbsg2, "1"), weights = fgwt,
                cluster = person, control = tight),
  ties = coxph(Surv(fgstart, fgstop, fgstatus) ~ x + z + group, lengthen(ties, "1"), weights = fgwt, cluster = person,
               control = tight),
  ties_cluster = coxph(Surv(fgstart, fgstop, fgstatus) ~ x + z, lengthen(ties, "2"), weights = fgwt,
                       cluster = cluster, control = tight),
  ties_strata = coxph(Surv(fgstart, fgstop, fgstatus) ~ x + z + strata(stratum), both, weights = fgwt,
                      cluster = person, control = tight),
  ties_entry = coxph(Surv(fgstart, fgstop, fgstatus) ~ x + z, late, weights = fgwt,
                     cluster = person, control = tight),
  untied = coxph(Surv(fgstart, fgstop, fgstatus) ~ x + z + group, lengthen(untied, "1"), weights = fgwt,
                 cluster = person, control = tight),
  cgvhd = coxph(Surv(fgstart, fgstop, fgstatus) ~ age + tx, lengthen(cgvhd, "1"), weights = fgwt, cluster = person,
                control = tight),
  bmt = coxph(Surv(fgstart, fgstop, fgstatus) ~ dis, lengthen(bmt, "1"), weights = fgwt, cluster = person,
              control = tight),
  bmt_other = coxph(Surv(fgstart, fgstop, fgstatus) ~ dis, lengthen(bmt, "2"), weights = fgwt, cluster = person,
                    control = tight)
)
renamed <- function(term) sub("^(horTh|group|tx)(.+)$", "\\1=\\2", term)
save_csv(lapply(names(fits), function(case) {
  s <- summary(fits[[case]])
  data.frame(case = case, term = renamed(rownames(s$coefficients)), coefficient = as.double(s$coefficients[, "coef"]),
             std_error = as.double(s$coefficients[, "robust se"]), ci_lower = as.double(s$conf.int[, "lower .95"]),
             ci_upper = as.double(s$conf.int[, "upper .95"]), p_value = as.double(s$coefficients[, "Pr(>|z|)"]),
             log_likelihood = fits[[case]]$loglik[2], log_likelihood_null = fits[[case]]$loglik[1])
}), "fine_gray")
# With strata finegray cuts the rows of each stratum elsewhere, and the time scale of cox.zph with them.
save_csv(lapply(setdiff(names(fits), "ties_strata"), function(case) {
  z <- cox.zph(fits[[case]])$table
  data.frame(case = case, term = rownames(z), statistic = as.double(z[, "chisq"]),
             degrees_of_freedom = as.integer(z[, "df"]), p_value = as.double(z[, "p"]))
}), "fine_gray_zph")

# crr has Breslow's ties, and a variance that counts the estimation of the weights: its coefficients
# are comparable where no two events are tied.
of_crr <- function(case, data, terms, failcode) {
  fit <- crr(data$time, as.integer(as.character(data$cause)), data[, terms], failcode = failcode, gtol = 1e-12,
             maxiter = 100)
  data.frame(case = case, term = terms, coefficient = as.double(fit$coef), std_error = as.double(sqrt(diag(fit$var))))
}
save_csv(list(of_crr("untied", untied, c("x", "z"), 1), of_crr("untied_other", untied, c("x", "z"), 2)), "crr")
