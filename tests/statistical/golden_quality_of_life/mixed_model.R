# Scores that drop out at random, and what R's nlme gives for them: the mixed model for repeated
# measures is gls with an unstructured correlation, a variance per visit and REML.
#   Rscript tests/statistical/golden_quality_of_life/mixed_model.R tests/statistical/golden_quality_of_life
# Writes scores.csv (case, unit, group, visit, value, base), mixed_model.csv and versions.txt.
suppressMessages(library(nlme))
out <- commandArgs(trailingOnly = TRUE)[1]
write <- function(table, name) {
  numeric <- sapply(table, is.double)
  table[numeric] <- lapply(table[numeric], function(x) sprintf("%.17g", x))
  write.csv(table, file.path(out, paste0(name, ".csv")), row.names = FALSE, quote = FALSE)
}

# ---- Scores: who scores low is missing at the next visit, some leave for good ----------------
make_scores <- function(case, people, visits, leaves, misses) {
  rows <- list()
  for (i in seq_len(people)) {
    group <- if (i %% 3 == 0) "b" else "a"
    person <- rnorm(1, 60, 12)
    score <- round(person + 4 * (group == "b") + 1.5 * seq_len(visits) + rnorm(visits, 0, 6 + seq_len(visits)), 1)
    given <- rep(TRUE, visits)
    for (j in 2:visits) {
      low <- score[j - 1] < 55
      given[j] <- given[j] && runif(1) > misses * (1 + low)
      if (runif(1) < leaves * (1 + 2 * low)) { given[j:visits] <- FALSE; break }
    }
    rows[[i]] <- data.frame(case = case, unit = i, group = group, visit = seq_len(visits), value = score,
                            base = score[1])[given, ]
  }
  do.call(rbind, rows)
}
RNGversion("4.0.0")
set.seed(20260630)
scores <- rbind(
  make_scores("large", 150, 5, 0.06, 0.08),
  make_scores("small", 30, 4, 0.04, 0.10),
  make_scores("complete", 25, 3, 0, 0)
)
write(scores, "scores")

# ---- Models --------------------------------------------------------------------------------
control <- glsControl(maxIter = 500, msMaxIter = 5000, tolerance = 1e-14, msTol = 1e-16, opt = "optim",
                      apVar = FALSE)
means <- function(case, model, table) {
  table$v <- factor(table$visit)
  table$g <- factor(table$group)
  table$one <- as.integer(table$v)
  fit <- gls(model, table, corSymm(form = ~ one | unit), varIdent(form = ~ 1 | v), method = "REML",
             control = control)
  terms <- names(coef(fit))
  keep <- !grepl("base", terms)
  spread <- as.matrix(corMatrix(fit$modelStruct$corStruct)[[as.character(whole(table))]])
  deviation <- fit$sigma * c(1, coef(fit$modelStruct$varStruct, unconstrained = FALSE))[order(levels_of(table))]
  data.frame(case = case, group = ifelse(grepl("gb", terms[keep]), "b", "a"),
             visit = as.integer(sub(".*v([0-9]+).*", "\\1", terms[keep])), mean = as.double(coef(fit)[keep]),
             std_error = sqrt(diag(vcov(fit)))[keep],
             sd_first = as.double(deviation[1]), sd_last = as.double(deviation[length(deviation)]),
             correlation = spread[1, ncol(spread)], log_likelihood = as.double(logLik(fit)))
}
# A person with every visit, whose correlation matrix is the whole one.
whole <- function(table) {
  n <- table(table$unit)
  names(n)[which(n == max(n))[1]]
}
# varIdent lists its levels in the order of appearance, the first being the reference.
levels_of <- function(table) unique(table$visit)
of <- function(case) scores[scores$case == case, ]
change <- function(case) {
  table <- of(case)
  table <- table[table$visit > 1, ]
  table$value <- table$value - table$base
  table$base <- table$base - mean(table$base[!duplicated(table$unit)])
  table
}
alone <- of("large")
alone$group <- "a"
write(rbind(
  means("large", value ~ 0 + v:g, of("large")),
  means("large_alone", value ~ 0 + v, alone),
  means("large_change", value ~ 0 + v:g + v:base, change("large")),
  means("small", value ~ 0 + v:g, of("small")),
  means("complete", value ~ 0 + v:g, of("complete"))
), "mixed_model")
writeLines(c(R.version.string, paste("nlme", packageVersion("nlme"))), file.path(out, "versions.txt"))
