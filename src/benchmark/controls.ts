import { MlrSnet } from "../schedules/index.ts";
import { withoutNetwork } from "../schedules/internal.ts";

/** What learned schedules are measured against beside those made by hand; used as they are, by these names. */
export const controls: Readonly<Record<string, () => Promise<MlrSnet>>> = {
  "control:no-network": async () => new MlrSnet(withoutNetwork(await MlrSnet.load("zoo:default"))),
  "control:paper-raw": async () => await MlrSnet.load("zoo:paper"),
};
