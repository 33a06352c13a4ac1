#include <openvino/c/openvino.h>
// malloc_trim(3): a model leaves much freed memory behind when it has been loaded.
#include <malloc.h>
