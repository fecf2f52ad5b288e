# Rscript lme4.R CASES.csv: crossed random effects by lme4, every column but y (a number) or n and s (cases, successes) a component.
# Prints one line per number: sd <component> <value>; fixed <value>; fixed_sd <value>; seconds <value>; processor <value> (seconds);
# megabytes <value> (the peak, where /proc tells it).
suppressMessages(library(lme4))
cases <- read.csv(commandArgs(trailingOnly = TRUE)[1], colClasses = "character")
numbers <- intersect(c("y", "n", "s"), names(cases))
cases[numbers] <- lapply(cases[numbers], as.numeric)
components <- setdiff(names(cases), numbers)
right <- paste("1 +", paste(sprintf("(1 | %s)", components), collapse = " + "))
began <- proc.time()
if ("y" %in% numbers) {
  fit <- lmer(as.formula(paste("y ~", right)), cases, control = lmerControl(calc.derivs = FALSE))
} else {
  control <- glmerControl(calc.derivs = FALSE, optimizer = "bobyqa", optCtrl = list(maxfun = 1e5, rhoend = 1e-7))
  fit <- glmer(as.formula(paste("cbind(s, n - s) ~", right)), cases, family = binomial, control = control)
}
took <- proc.time() - began
found <- as.data.frame(VarCorr(fit))
cat(sprintf("sd %s %.10g\n", found$grp, found$sdcor), sep = "")
peak <- if (file.exists("/proc/self/status")) grep("VmHWM", readLines("/proc/self/status"), value = TRUE) else "0"
cat(sprintf("fixed %.10g\nfixed_sd %.10g\n", fixef(fit), sqrt(vcov(fit)[1, 1])))
cat(sprintf("seconds %.3f\nprocessor %.3f\n", took[["elapsed"]], took[["user.self"]] + took[["sys.self"]]))
cat(sprintf("megabytes %.0f\n", as.numeric(gsub("[^0-9]", "", peak)) / 1024))
