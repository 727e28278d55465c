// A Communicator over the system's MPI library.
export type { Communicator } from "@massif/learn";
