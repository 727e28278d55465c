// Data sets and queries.
import { z } from "zod";
import { Dataset, DatasetVersion, SqlRequest, SqlResult, UploadQuery } from "../resources/datasets.ts";
import { ByName, define, VersionParams } from "./route.ts";

export const datasetsRoutes = {
  importDataset: define({
    method: "POST",
    path: "/v1/datasets",
    tag: "datasets",
    summary: "Import a file as a data set, or as its next version",
    role: "member",
    spends: true,
    query: UploadQuery,
    upload: true,
    response: DatasetVersion,
    status: 202,
    errors: ["TOO_LARGE", "DISK_FULL", "CONFLICT"],
  }),
  listDatasets: define({
    method: "GET",
    path: "/v1/datasets",
    tag: "datasets",
    summary: "All data sets",
    role: "viewer",
    response: z.array(Dataset),
    errors: [],
  }),
  getDataset: define({
    method: "GET",
    path: "/v1/datasets/:name",
    tag: "datasets",
    summary: "The latest version of a data set, with columns and profile",
    role: "viewer",
    params: ByName,
    response: DatasetVersion,
    errors: ["NOT_FOUND"],
  }),
  getDatasetVersion: define({
    method: "GET",
    path: "/v1/datasets/:name/versions/:version",
    tag: "datasets",
    summary: "One version of a data set",
    role: "viewer",
    params: VersionParams,
    response: DatasetVersion,
    errors: ["NOT_FOUND"],
  }),
  sql: define({
    method: "POST",
    path: "/v1/sql",
    tag: "datasets",
    summary: "One read-only query over data sets",
    role: "viewer",
    spends: true,
    body: SqlRequest,
    response: SqlResult,
    errors: ["INVALID_SQL", "TIMEOUT"],
  }),
};
