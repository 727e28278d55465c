// A Communicator over the system's MPI library.
export type { Communicator } from "@massif/learn";
export { type CommunicationCost, MpiCommunicator, type OpenOptions, openCommunicator } from "./mpi-communicator.ts";
export { installHint, MpiError } from "./mpi-error.ts";
