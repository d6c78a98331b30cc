/* The floor beneath some programs of bench/erl: the same algorithm in C, with the same recursion, lists and tuples where the program has them, but
 * integers and floats of the machine, and memory that is never collected.
 *
 *     cc -O2 -o floors bench/floors.c -lm && ./floors          every program's name and milliseconds, the best of seven rounds
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FUNCTION __attribute__((noinline)) static

typedef struct cell {
    int64_t head;
    const struct cell* tail;
} cell;

static cell* arena;
static size_t arena_used;
enum { kArenaCells = 1 << 22 };

static const cell* cons(int64_t head, const cell* tail) {
    cell* made = &arena[arena_used++ & (kArenaCells - 1)];
    made->head = head;
    made->tail = tail;
    return made;
}

FUNCTION const cell* sequence(int64_t from, int64_t to) {
    return from > to ? NULL : cons(from, sequence(from + 1, to));
}

/* ---- calls */

FUNCTION int64_t fib(int64_t n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
static int64_t run_fib(void) { return fib(31); }

FUNCTION int64_t tak(int64_t x, int64_t y, int64_t z) {
    return y < x ? tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y)) : z;
}
static int64_t run_tak(void) { return tak(27, 18, 9); }

FUNCTION int64_t ack(int64_t m, int64_t n) {
    if (m == 0) return n + 1;
    return n == 0 ? ack(m - 1, 1) : ack(m - 1, ack(m, n - 1));
}
static int64_t run_ackermann(void) { return ack(3, 9); }

FUNCTION int64_t hanoi(int64_t n, int from, int to, int via, int64_t moves) {
    return n == 0 ? moves : hanoi(n - 1, via, to, from, hanoi(n - 1, from, via, to, moves) + 1);
}
static int64_t run_hanoi(void) { return hanoi(23, 1, 2, 3, 0); }

/* ---- arithmetic */

FUNCTION int64_t steps(int64_t n, int64_t s) {
    for (; n != 1; ++s) n = (n & 1) == 0 ? n >> 1 : 3 * n + 1;
    return s;
}
static int64_t run_collatz(void) {
    int64_t best = 0, length = 0;
    for (int64_t n = 1; n < 100000; ++n) {
        const int64_t s = steps(n, 1);
        if (s > length) best = n, length = s;
    }
    return best * 1000 + length;
}

FUNCTION int64_t gcd(int64_t a, int64_t b) {
    while (b != 0) {
        const int64_t r = a % b;
        a = b;
        b = r;
    }
    return a;
}
static int64_t run_gcd_sum(void) {
    int64_t sum = 0;
    for (int64_t a = 1; a <= 900; ++a)
        for (int64_t b = 1; b <= 900; ++b) sum += gcd(a, b);
    return sum;
}

static int64_t run_lcg(void) {
    uint64_t s = 42, acc = 0;
    for (int n = 0; n < 1500000; ++n) {
        s = s * 6364136223846793005u + 1442695040888963407u;
        acc ^= s >> 33;
    }
    return (int64_t)acc;
}

FUNCTION int is_prime(int64_t n) {
    for (int64_t d = 2; d * d <= n; ++d)
        if (n % d == 0) return 0;
    return 1;
}
static int64_t run_primes(void) {
    int64_t count = 0;
    for (int64_t n = 2; n < 150000; ++n) count += is_prime(n);
    return count;
}

FUNCTION int64_t reverse(int64_t x) {
    int64_t r = 0;
    for (int k = 0; k < 20; ++k, x >>= 1) r = r << 1 | (x & 1);
    return r;
}
FUNCTION int64_t count(int64_t x) {
    int64_t c = 0;
    for (; x != 0; x &= x - 1) ++c;
    return c;
}
static int64_t run_bits(void) {
    int64_t acc = 0;
    for (int64_t n = 0; n < 150000; ++n) acc += count(n) * (reverse(n) & 7);
    return acc;
}

/* ---- floats */

FUNCTION int point(double cr, double ci) {
    double zr = 0, zi = 0;
    for (int k = 0; k < 100; ++k) {
        const double r2 = zr * zr, i2 = zi * zi;
        if (r2 + i2 > 4.0) return 0;
        zi = 2.0 * zr * zi + ci;
        zr = r2 - i2 + cr;
    }
    return 1;
}
static int64_t run_mandelbrot(void) {
    int64_t inside = 0;
    for (int y = 0; y < 150; ++y)
        for (int x = 0; x < 150; ++x) inside += point(2.0 * x / 150 - 1.5, 2.0 * y / 150 - 1.0);
    return inside;
}

typedef struct body {
    double x, y, z, vx, vy, vz, m;
} body;
enum { kBodies = 5 };
static const body kStart[kBodies] = {{0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 39.47841760435743},
                                     {4.84143144246472, -1.16032004402743, -0.103622044471123, 0.606326392995832,
                                      2.81198684491626, -0.02521836165988763, 0.03769367487038949},
                                     {8.34336671824458, 4.1247985641243, -0.403523417114321, -1.01077434617879,
                                      1.82566237123041, 0.00841576137658415, 0.011286326131968},
                                     {12.8943695621391, -15.1111514016986, -0.223307578892656, 1.0827910064415,
                                      0.868713018169608, -0.0108326374013636, 0.0017237240570597},
                                     {15.3796971148509, -25.9193146099879, 0.179258772950371, 0.979090732243898,
                                      0.594698998647676, -0.0347559555040781, 0.00203368686992463}};

FUNCTION void step(body* to, const body* from) {
    for (int i = 0; i < kBodies; ++i) {
        body b = from[i];
        for (int j = 0; j < kBodies; ++j) {
            if (j == i) continue;
            const double dx = from[i].x - from[j].x, dy = from[i].y - from[j].y, dz = from[i].z - from[j].z;
            const double d2 = dx * dx + dy * dy + dz * dz, f = 0.01 * from[j].m / (d2 * sqrt(d2));
            b.vx -= dx * f, b.vy -= dy * f, b.vz -= dz * f;
        }
        to[i] = b;
    }
    for (int i = 0; i < kBodies; ++i) {
        to[i].x += 0.01 * to[i].vx;
        to[i].y += 0.01 * to[i].vy;
        to[i].z += 0.01 * to[i].vz;
    }
}
static int64_t run_nbody(void) {
    body a[kBodies], b[kBodies];
    memcpy(a, kStart, sizeof a);
    for (int n = 0; n < 15000; ++n) {
        step(b, a);
        memcpy(a, b, sizeof a);
    }
    double energy = 0;
    for (int i = 0; i < kBodies; ++i) {
        energy += 0.5 * a[i].m * (a[i].vx * a[i].vx + a[i].vy * a[i].vy + a[i].vz * a[i].vz);
        for (int j = i + 1; j < kBodies; ++j)
            energy -= a[i].m * a[j].m /
                      sqrt((a[i].x - a[j].x) * (a[i].x - a[j].x) + (a[i].y - a[j].y) * (a[i].y - a[j].y) +
                           (a[i].z - a[j].z) * (a[i].z - a[j].z));
    }
    return llround(1.0e9 * energy);
}

/* ---- lists, tuples, binaries */

FUNCTION const cell* append(const cell* xs, const cell* ys) {
    return xs == NULL ? ys : cons(xs->head, append(xs->tail, ys));
}
FUNCTION const cell* nrev(const cell* xs) { return xs == NULL ? NULL : append(nrev(xs->tail), cons(xs->head, NULL)); }
static int64_t run_nrev(void) {
    const cell* shorter = sequence(1, 30);
    const cell* longer = sequence(1, 600);
    const size_t kept = arena_used;
    int64_t first = 0;
    for (int n = 0; n < 10000; ++n, arena_used = kept) first = nrev(shorter)->head;
    for (int n = 0; n < 20; ++n, arena_used = kept) first += nrev(longer)->head;
    return first;
}

FUNCTION int safe(int64_t c, const cell* board) {
    for (int64_t d = 1; board != NULL; ++d, board = board->tail)
        if (c == board->head || llabs(c - board->head) == d) return 0;
    return 1;
}
FUNCTION int64_t place(int left, const cell* board) {
    if (left == 0) return 1;
    int64_t found = 0;
    for (int64_t c = 1; c <= 10; ++c)
        if (safe(c, board)) found += place(left - 1, cons(c, board));
    return found;
}
static int64_t run_queens(void) { return place(10, NULL); }

enum { kSize = 60 };
typedef int64_t matrix[kSize][kSize];
FUNCTION void times(matrix to, matrix a, matrix b) {
    for (int i = 0; i < kSize; ++i)
        for (int j = 0; j < kSize; ++j) {
            int64_t sum = 0;
            for (int k = 0; k < kSize; ++k) sum += a[i][k] * b[k][j];
            to[i][j] = sum % 1009;
        }
}
static int64_t run_matrix(void) {
    static matrix m, acc, next;
    for (int i = 0; i < kSize; ++i)
        for (int j = 0; j < kSize; ++j) m[i][j] = acc[i][j] = (i + 1) * (j + 1) % 10;
    for (int k = 1; k < 5; ++k) {
        times(next, acc, m);
        memcpy(acc, next, sizeof acc);
    }
    return acc[kSize - 2][kSize - 2];
}

static int64_t run_scan(void) {
    static const char kLine[] = "the quick brown fox jumps over the lazy dog\n";
    static char* text;
    const size_t bytes = 50000 * (sizeof kLine - 1);
    if (text == NULL) {
        text = malloc(bytes);
        for (size_t k = 0; k < 50000; ++k) memcpy(text + k * (sizeof kLine - 1), kLine, sizeof kLine - 1);
    }
    int64_t s1 = 1, s2 = 0, lines = 0;
    for (size_t k = 0; k < bytes; ++k) {
        s1 += text[k];
        if (s1 >= 65521) s1 -= 65521;
        s2 += s1;
        if (s2 >= 65521) s2 -= 65521;
    }
    for (size_t k = 0; k < bytes; ++k) lines += text[k] == '\n';
    return (s2 << 16 | s1) + lines;
}

/* What the Erlang program comes to, where it says it by a number. */
static const struct {
    const char* name;
    int64_t (*run)(void);
    int64_t expected;
} kPrograms[] = {
    {"fib", run_fib, 1346269},
    {"tak", run_tak, 18},
    {"ackermann", run_ackermann, 4093},
    {"hanoi", run_hanoi, 8388607},
    {"collatz", run_collatz, 77031351},
    {"gcd_sum", run_gcd_sum, 3558984},
    {"lcg", run_lcg, 1631562144},
    {"primes", run_primes, 13848},
    {"bits", run_bits, 600448},
    {"mandelbrot", run_mandelbrot, 8714},
    {"nbody", run_nbody, -169279790},
    {"nrev", run_nrev, 30 + 20 * 600},
    {"queens", run_queens, 724},
    {"matrix", run_matrix, 779},
    {"scan", run_scan, 493748537 + 50000},
};

static double milliseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

int main(void) {
    arena = calloc(kArenaCells, sizeof *arena);
    for (size_t k = 0; k < sizeof kPrograms / sizeof *kPrograms; ++k) {
        double best = 1e9;
        for (int round = 0; round < 7; ++round) {
            const double start = milliseconds();
            arena_used = 0;
            const int64_t result = kPrograms[k].run();
            const double taken = milliseconds() - start;
            if (taken < best) best = taken;
            if (result != kPrograms[k].expected) {
                fprintf(stderr, "%s: %lld instead of %lld\n", kPrograms[k].name, (long long)result,
                        (long long)kPrograms[k].expected);
                return 1;
            }
        }
        printf("%s %.3f\n", kPrograms[k].name, best);
    }
    return 0;
}
