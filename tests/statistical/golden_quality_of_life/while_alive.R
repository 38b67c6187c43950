# Means of those alive, weighted for drop-out, with their robust errors, by base R.
#   Rscript tests/statistical/golden_quality_of_life/while_alive.R tests/statistical/golden_quality_of_life
# Reads scores.csv; writes while_alive.csv. Weights are ratios of fitted glm(binomial) probabilities, as analyses/quality_of_life/answering.py says, but without
# its prior. The mean is that of lm with these weights; its error the sandwich clustered by person.
folder <- commandArgs(trailingOnly = TRUE)[1]
scores <- read.csv(file.path(folder, "scores.csv"))
scores <- scores[scores$case == "large", ]
units <- sort(unique(scores$unit))
visits <- sort(unique(scores$visit))
group <- scores$group[match(units, scores$unit)]
y <- matrix(NA, length(visits), length(units))
y[cbind(match(scores$visit, visits), match(scores$unit, units))] <- scores$value

last <- matrix(NA, nrow(y), ncol(y))
before <- matrix(FALSE, nrow(y), ncol(y))
for (j in 2:nrow(y)) {
  last[j, ] <- ifelse(is.na(y[j - 1, ]), last[j - 1, ], y[j - 1, ])
  before[j, ] <- !is.na(y[j - 1, ])
}
long <- data.frame(
  unit = as.vector(col(y)), visit = factor(visits[as.vector(row(y))]), y = as.vector(y),
  last = as.vector(last), before = as.vector(before), ratio = 1
)
long$group <- factor(group[long$unit])
long$given <- as.integer(!is.na(long$y))
for (answered in c(TRUE, FALSE)) {
  at <- which(!is.na(long$last) & long$before == answered)
  part <- long[at, ]
  if (min(table(factor(part$given, 0:1))) < 5) next
  part$visit <- droplevels(part$visit)
  without <- if (nlevels(part$visit) > 1) glm(given ~ visit + group, binomial, part) else glm(given ~ group, binomial, part)
  with <- update(without, . ~ . + last)
  p <- fitted(without)
  q <- fitted(with)
  long$ratio[at] <- ifelse(part$given == 1, p / q, (1 - p) / (1 - q))
}
long$weight <- pmin(as.vector(apply(matrix(long$ratio, nrow(y)), 2, cumprod)), 10)
long$cell <- factor(paste(long$group, long$visit))
given <- long[long$given == 1, ]
fit <- lm(y ~ cell - 1, given, weights = weight)
x <- model.matrix(fit)
bread <- solve(t(x) %*% (x * given$weight))
meat <- crossprod(rowsum(x * given$weight * resid(fit), given$unit))
n <- as.vector(table(given$cell))
rows <- given[match(levels(given$cell), given$cell), c("group", "visit")]
rows$n <- n
rows$mean <- as.vector(coef(fit))
rows$std_error <- sqrt(diag(bread %*% meat %*% bread) * n / (n - 1))
rows$largest_weight <- max(given$weight)
numeric <- sapply(rows, is.double)
rows[numeric] <- lapply(rows[numeric], function(x) sprintf("%.17g", x))
write.csv(rows, file.path(folder, "while_alive.csv"), row.names = FALSE, quote = FALSE)
