// Backups: everything in one file.
import { z } from "zod";
import { define } from "./route.ts";

export const backupRoutes = {
  backup: define({
    method: "GET",
    path: "/v1/backup",
    tag: "backup",
    summary: "Everything in one tar file, made while the server works",
    role: "admin",
    response: z.unknown(),
    answer: "stream",
    errors: ["CONFLICT", "BLOB_DAMAGED", "DISK_FULL"],
  }),
};
