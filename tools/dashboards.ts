/** Writes the dashboards of deploy/grafana from the plans in tools/dashboards. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { network } from './dashboards/network.ts';
import { operator } from './dashboards/operator.ts';
import { type DashboardPlan, grafanaDashboard } from './dashboards/panels.ts';
import { preservation } from './dashboards/preservation.ts';
import { transfers } from './dashboards/transfers.ts';
import { projectRoot } from './run-command.ts';

/** Our dashboards, in the order in which a new operator should look at them. */
export const dashboards: readonly DashboardPlan[] = [operator, network, transfers, preservation];

/** The file of a dashboard, as Grafana reads it. */
export const dashboardFile = ({ id }: DashboardPlan): string =>
  join(projectRoot, 'deploy/grafana/dashboards', `${id}.json`);

/** What stands in it. */
export const dashboardText = (plan: DashboardPlan): string => `${JSON.stringify(grafanaDashboard(plan), null, 2)}\n`;

if (import.meta.main) {
  mkdirSync(join(projectRoot, 'deploy/grafana/dashboards'), { recursive: true });
  for (const plan of dashboards) writeFileSync(dashboardFile(plan), dashboardText(plan));
}
