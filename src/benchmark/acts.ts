import type { ScheduleEvent } from "../schedules/index.ts";

/** What a guard did: went back to weights that were kept, cut the rate, or left a step out. */
export type Act = { step: number; kind: "rollback" | "cut" | "skip"; message: string };

/** Kinds of events that are acts of a guard, with those of older releases. */
const kinds: Readonly<Record<string, Act["kind"]>> = {
  rollback: "rollback",
  cut: "cut",
  skip: "skip",
  restored: "rollback",
  "backed-off": "cut",
};

/** The acts among what a schedule had to say, in turn. */
export function actsOf(events: readonly ScheduleEvent[]): Act[] {
  return events.flatMap(({ step, kind, message }) => {
    const act = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
    return act ? [{ step, kind: act, message }] : [];
  });
}
