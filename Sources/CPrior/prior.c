#include "prior.h"

static const unsigned char boosted[] = {
#embed "prior.json"
};

static const unsigned char logistic[] = {
#embed "prior-logistic.json"
};

const void *consilod_prior(size_t *size) {
    *size = sizeof boosted;
    return boosted;
}

const void *consilod_prior_logistic(size_t *size) {
    *size = sizeof logistic;
    return logistic;
}
