// Links everything.
#include <lintel/lintel.h>

int main() { return lintel_version_number() == LINTEL_VERSION ? 0 : 1; }
