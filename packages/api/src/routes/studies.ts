// Studies and their trials.
import { z } from "zod";
import { Name } from "../resources/common.ts";
import { ResumeRequest, Study, StudyEvent, StudyRequest, TrialReports } from "../resources/studies.ts";
import { ByName, define } from "./route.ts";

export const studiesRoutes = {
  createStudy: define({
    method: "POST",
    path: "/v1/studies",
    tag: "studies",
    summary: "Search for the best parameters of a pipeline",
    role: "member",
    spends: true,
    body: StudyRequest,
    response: Study,
    status: 202,
    errors: ["NOT_FOUND", "CONFLICT", "INVALID_TARGET", "INVALID_WEIGHTS", "INVALID_PIPELINE", "INVALID_SPACE"],
  }),
  listStudies: define({
    method: "GET",
    path: "/v1/studies",
    tag: "studies",
    summary: "Studies, newest first",
    role: "viewer",
    query: z.object({
      dataset: Name.optional(),
      status: Study.shape.status.optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
    }),
    response: z.array(Study),
    errors: [],
  }),
  getStudy: define({
    method: "GET",
    path: "/v1/studies/:name",
    tag: "studies",
    summary: "One study with its best trial",
    role: "viewer",
    params: ByName,
    response: Study,
    errors: ["NOT_FOUND"],
  }),
  listTrials: define({
    method: "GET",
    path: "/v1/studies/:name/trials",
    tag: "studies",
    summary: "Trials of a study by number, with what they reported",
    role: "viewer",
    params: ByName,
    query: z.object({
      /** Leaves out trials before this number. */
      from: z.coerce.number().int().min(0).default(0),
      limit: z.coerce.number().int().min(1).max(10_000).default(10_000),
    }),
    response: z.array(TrialReports),
    errors: ["NOT_FOUND"],
  }),
  watchStudy: define({
    method: "GET",
    path: "/v1/studies/:name/events",
    tag: "studies",
    summary: "A study as it stands and as it changes, until it is over",
    role: "viewer",
    params: ByName,
    query: z.object({ after: z.coerce.number().int().min(0).default(0) }),
    response: StudyEvent,
    answer: "events",
    errors: ["NOT_FOUND"],
  }),
  stopStudy: define({
    method: "POST",
    path: "/v1/studies/:name/stop",
    tag: "studies",
    summary: "Stop a study; its open trials wait for a resumption",
    role: "member",
    params: ByName,
    response: Study,
    errors: ["NOT_FOUND", "CONFLICT"],
  }),
  resumeStudy: define({
    method: "POST",
    path: "/v1/studies/:name/resume",
    tag: "studies",
    summary: "Go on with a study that was stopped, failed or has ended",
    role: "member",
    spends: true,
    params: ByName,
    body: ResumeRequest,
    response: Study,
    status: 202,
    errors: ["NOT_FOUND", "CONFLICT"],
  }),
};
