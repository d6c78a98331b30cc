/* What Erlang code may do with sockets: with the right to the network, and without. */
#include "host.h"

int main(int argc, char** argv) {
    CHECK(argc == 2);
    run_guest(argv[1], "sockets", 0, "",
              "[true,error,error,error]\n"
              "[{error,eacces},{error,eacces},{error,eacces},{error,eacces},{error,eacces},ok]\n"
              "0\n");
    run_guest(argv[1], "sockets", LINTEL_RIGHT_NETWORK | LINTEL_RIGHT_PORTS, "",
              "[false,ok,ok,ok]\n"
              "[ok,ok,ok,ok,ok,ok]\n"
              "3\n");
    return 0;
}
