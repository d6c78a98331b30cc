#pragma once
/// Seeds: `lintel run --seed` and `--seeds`.

#include "lintel/program.h"

/// `lintel run`: once, or, with --seeds, once for each seed. The exit status.
int run_with_seeds(RunOptions options);
