/* What Erlang code may do with files: with the right to them, and without. */
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>
#include "host.h"

static void run(const char* folder, unsigned rights, const char* directory, const char* expected) {
    char before[PATH_MAX], after[PATH_MAX];
    CHECK(getcwd(before, sizeof before) != NULL);
    run_guest(folder, "files", rights, directory, expected);
    /* Whatever the program sets: the working directory is the host's. */
    CHECK(getcwd(after, sizeof after) != NULL && strcmp(before, after) == 0);
}

int main(int argc, char** argv) {
    lintel_config config;
    lintel_vm* vm = NULL;
    char directory[] = "/tmp/lintel_files_XXXXXX";
    CHECK(argc == 2);
    CHECK(mkdtemp(directory) != NULL);
    run(argv[1], 0, directory,
        "[{ok,<<\"FOR1\">>},true,{ok,<<\"FOR1\">>},ok,{error,einval}]\n"
        "[{error,eacces},{error,eacces},{error,eacces},true]\n"
        "[{error,eacces},{error,eacces},{{error,ebadf},ok,ok},{error,eacces},{error,eacces}]\n"
        "[{error,eacces},{error,eacces},{error,eacces},error,{error,eacces}]\n");
    CHECK(rmdir(directory) == 0); /* nothing is in it */
    CHECK(mkdir(directory, 0700) == 0);
    run(argv[1], LINTEL_RIGHT_FILES, directory,
        "[{ok,<<\"FOR1\">>},true,{ok,<<\"FOR1\">>},ok,{error,einval}]\n"
        "[ok,{ok,<<\"text\">>},{ok,<<\"text\">>},false]\n"
        "[{{error,ebadf},ok,ok},{ok,ok,ok},{{error,ebadf},ok,ok},{error,enoent},{{error,ebadf},{error,einval},ok}]\n"
        "[ok,ok,ok,ok,ok]\n");
    CHECK(rmdir(directory) == 0);

    lintel_config_init(&config, sizeof config);
    config.rights = 1u << 31;
    CHECK(lintel_vm_create(&config, &vm) == LINTEL_ERROR_ARGUMENT && vm == NULL);
    return 0;
}
