// How a training is spread over processes: what a request asks for, and what a run says of it.
import { z } from "zod";

/** A machine that takes ranks: a name or address, and how many of them. */
export const RankHost = z
  .object({
    name: z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9.:-]{0,252}[A-Za-z0-9])?$/, "must be a host's name or address"),
    slots: z.number().int().min(1).max(1024).default(1),
  })
  .meta({ id: "RankHost" });

/** What a request may ask for. */
export const RanksWish = {
  /** Processes that train together, each on its own rows; default: one process without MPI. */
  ranks: z.number().int().min(1).max(1024).optional(),
  /** Machines that the ranks run on; default: the server's. */
  hosts: z.array(RankHost).min(1).max(256).optional(),
};

/** What a run says of its ranks; figures once it has succeeded. */
export const RunRanks = z
  .object({
    count: z.number(),
    hosts: z.array(RankHost).nullable(),
    /** Rows that all ranks together passed over in a second of the fit, each pass counted. */
    rowsPerSecond: z.number().nullable(),
    /** Seconds of the fit spent in communication, waiting for slower ranks included; the mean over the ranks. */
    communicationSeconds: z.number().nullable(),
    /** Name and version of the MPI library. */
    library: z.string().nullable(),
  })
  .meta({ id: "RunRanks" });

export type RankHost = z.infer<typeof RankHost>;
export type RunRanks = z.infer<typeof RunRanks>;
