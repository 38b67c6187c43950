# What R gives for the scores of mixed_model.R at unequal days: a natural spline of time in each
# group, random effects of a person. Estimates by nlme::lme, degrees of freedom by lmerTest
# (Satterthwaite) and pbkrtest (Kenward-Roger).
#   Rscript tests/statistical/golden_quality_of_life/spline_model.R tests/statistical/golden_quality_of_life
# Reads scores.csv; writes spline_model.csv, compound_symmetry.csv and spline_versions.txt.
suppressMessages({ library(nlme); library(lmerTest); library(pbkrtest); library(splines) })
folder <- commandArgs(trailingOnly = TRUE)[1]
scores <- read.csv(file.path(folder, "scores.csv"))
write <- function(table, name) {
  numeric <- sapply(table, is.double)
  table[numeric] <- lapply(table[numeric], function(x) sprintf("%.17g", x))
  write.csv(table, file.path(folder, paste0(name, ".csv")), row.names = FALSE, quote = FALSE)
}
# Every form on a day of its own.
scores$day <- ifelse(scores$visit == 1, 0, 90 * (scores$visit - 1) + (scores$unit * 7 + scores$visit * 13) %% 41 - 20)
inner <- c(90, 200); outer <- c(0, 380); at <- c(0, 60, 180, 300)
curve <- function(case, random) {
  table <- scores[scores$case == case, ]
  table$g <- factor(table$group); table$years <- table$day / 380
  basis <- function(day) cbind(1, ns(day, knots = inner, Boundary.knots = outer))
  x <- model.matrix(~ 0 + g, table)
  design <- do.call(cbind, lapply(seq_len(ncol(x)), function(k) x[, k] * basis(table$day)))
  colnames(design) <- paste0("x", seq_len(ncol(design)))
  table <- cbind(table, design)
  formula <- as.formula(paste("value ~ 0 +", paste(colnames(design), collapse = " + ")))
  effects <- if (random == "slope") ~ years | unit else ~ 1 | unit
  by_lme <- lme(formula, table, random = effects, method = "REML",
                control = lmeControl(maxIter = 500, msMaxIter = 5000, tolerance = 1e-12, msTol = 1e-14, opt = "optim"))
  bars <- if (random == "slope") "+ (years | unit)" else "+ (1 | unit)"
  by_lmer <- lmer(as.formula(paste(deparse1(formula), bars)), table,
                  control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e5)))
  wanted <- kronecker(diag(nlevels(table$g)), basis(at))
  satterthwaite <- apply(wanted, 1, function(row) contest1D(by_lmer, row, ddf = "Satterthwaite")$df)
  data.frame(case = case, random = random, group = rep(levels(table$g), each = length(at)), time = rep(at, nlevels(table$g)),
             mean = as.double(wanted %*% fixef(by_lme)), std_error = sqrt(diag(wanted %*% vcov(by_lme) %*% t(wanted))),
             degrees_of_freedom = satterthwaite, sigma = by_lme$sigma)
}
write(rbind(curve("large", "slope"), curve("large", "intercept"), curve("small", "intercept")), "spline_model")

# Every visit answered and one random effect: the difference of the groups' means over the visits
# has the standard error and degrees of freedom of an unstructured covariance too.
complete <- scores[scores$case == "complete", ]
complete$g <- factor(complete$group); complete$v <- factor(complete$visit)
fit <- lmer(value ~ 0 + g:v + (1 | unit), complete)
contrast <- ifelse(grepl("gb", names(fixef(fit))), 1, -1) / nlevels(complete$v)
satterthwaite <- contest1D(fit, contrast, ddf = "Satterthwaite")
kenward_roger <- contest1D(fit, contrast, ddf = "Kenward-Roger")
write(data.frame(method = c("satterthwaite", "kenward_roger"),
                 difference = c(satterthwaite$Estimate, kenward_roger$Estimate),
                 std_error = c(satterthwaite[["Std. Error"]], kenward_roger[["Std. Error"]]),
                 degrees_of_freedom = c(satterthwaite$df, kenward_roger$df)), "compound_symmetry")
writeLines(c(R.version.string, sapply(c("nlme", "lme4", "lmerTest", "pbkrtest"), function(p) paste(p, packageVersion(p)))),
           file.path(folder, "spline_versions.txt"))
