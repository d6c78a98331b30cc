/* Sockets exist only for those that have the right to the network. */
#include "host.h"

int main(int argc, char** argv) {
    CHECK(argc == 2);
    run_guest(argv[1], "network", LINTEL_RIGHT_FILES, NULL,
              "[{error,eperm},{error,eperm},{error,eperm},{error,eperm}]\n[{error,ebadf},{error,exbadport},ok]\n");
    /* Descriptors of the host are another right. */
    run_guest(argv[1], "network", LINTEL_RIGHT_NETWORK, NULL,
              "[ok,ok,ok,{error,eperm}]\n[{error,ebadf},{error,exbadport},ok]\n");
    return 0;
}
