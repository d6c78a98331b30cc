/* A program that knows nothing of Lintel, and loads a plug-in that uses it (nifs.c) so that nobody else sees its symbols. Arguments: the plug-in, then the plug-in's
 * own. */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char** argv) {
    void* const plugin = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    void* const symbol = plugin != NULL ? dlsym(plugin, "plugin_main") : NULL;
    int (*run)(int, char**);
    *(void**)&run = symbol;
    if (run == NULL) {
        fprintf(stderr, "%s\n", argc > 1 ? dlerror() : "no plug-in");
        return 2;
    }
    return run(argc - 1, argv + 1);
}
