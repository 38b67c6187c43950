# What nlme and lme4 take for the scores of quality_of_life.py: Rscript quality_of_life.R scores.csv
scores <- read.csv(commandArgs(trailingOnly = TRUE)[1])
scores$v <- factor(scores$visit); scores$g <- factor(scores$group); scores$one <- scores$visit + 1L
people <- length(unique(scores$unit))
told <- function(what, expression) {
  taken <- tryCatch(sprintf("%9.2f", system.time(expression)[["elapsed"]]), error = function(e) "   failed")
  cat(sprintf("%-43s%s\n", sprintf("%s, %s x 8", what, format(people, big.mark = ",")), taken))
}
if (requireNamespace("lme4", quietly = TRUE)) {
  told("R lme4, random intercept and slope", lme4::lmer(value ~ 0 + v:g + (time | unit), scores))
  control <- lme4::lmerControl(check.nobs.vs.nRE = "ignore", calc.derivs = FALSE)
  if (people <= 2000) told("R lme4, a random effect a visit", lme4::lmer(value ~ 0 + v:g + (0 + v | unit), scores, control = control))
} else cat("not installed, left out: lme4\n")
if (people <= 2000 && requireNamespace("nlme", quietly = TRUE)) {
  library(nlme)
  told("R nlme, unstructured covariance", gls(value ~ 0 + v:g, scores, corSymm(form = ~ one | unit), varIdent(form = ~ 1 | v)))
}
