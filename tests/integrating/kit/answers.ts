// The packed types of answers are those of docs/openapi.yaml, in both directions.
import type * as kit from "@learning-progress/tracker";
import type { components } from "./api.js";

type Api = components["schemas"];
// Dates are texts, and readonly says nothing about what is sent.
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : "the API lacks it") : "the kit lacks it";
type SameNames<A, B> = Same<keyof A, keyof B>;

export const course: Same<Api["CourseProgressAnswer"], kit.CourseProgress> = true;
export const session: Same<Api["StartSessionAnswer"], kit.Session> = true;
export const ended: Same<Omit<Api["EndSessionAnswer"], "events">, Omit<kit.EndedSession, "events">> = true;
export const pushed: Same<
  Pick<Api["UpdateProgressAnswer"], keyof kit.LiveProgress>,
  kit.LiveProgress
> = true;
export const progress: SameNames<Api["UpdateProgressAnswer"], kit.Progress> = true;
export const courseNames: SameNames<Api["CourseProgressAnswer"], kit.CourseProgress> = true;
export const remainingNames: SameNames<Api["RemainingAnswer"], kit.Remaining> = true;
export const contentNames: SameNames<Api["ContentEntryAnswer"], kit.ContentEntry> = true;
export const resultNames: SameNames<Api["EventAnswer"], kit.EventResult> = true;
// Results that the library gives itself have no amounts.
export const result = (answer: Api["EventAnswer"]): kit.EventResult => answer;
