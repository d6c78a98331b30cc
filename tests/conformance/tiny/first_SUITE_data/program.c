#include <stdio.h>

int main(void) {
    printf("made");
    return 0;
}
