// The peer of bench/cluster/all-reduce.mjs: the same reductions in C. Prints "doubles microseconds" per size (median).
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

int main(int argc, char **argv) {
  static const int sizes[] = {10, 1000, 100000, 10000000};
  static const int rounds[] = {2000, 1000, 100, 5};
  int rank;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  for (int s = 0; s < 4; s++) {
    double *values = malloc(sizes[s] * sizeof(double));
    double *times = malloc(rounds[s] * sizeof(double));
    for (int r = 0; r < rounds[s]; r++) {
      for (int i = 0; i < sizes[s]; i++) values[i] = rank + 1;
      MPI_Barrier(MPI_COMM_WORLD);
      double start = MPI_Wtime();
      MPI_Allreduce(MPI_IN_PLACE, values, sizes[s], MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
      times[r] = (MPI_Wtime() - start) * 1e6;
    }
    qsort(times, rounds[s], sizeof(double), ascending);
    if (rank == 0) printf("%d %.2f\n", sizes[s], times[rounds[s] / 2]);
    free(values);
    free(times);
  }
  MPI_Finalize();
  return 0;
}
