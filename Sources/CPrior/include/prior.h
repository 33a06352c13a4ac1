#include <stddef.h>

/// The priors of the forecast as the program carries them: the JSON files beside prior.c. In C, which embeds a file
/// with #embed (C23): Swift takes a minute to compile one of 300 kB as an array of bytes.
const void *consilod_prior(size_t *size);
const void *consilod_prior_logistic(size_t *size);
