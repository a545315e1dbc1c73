/** The panels of our dashboards, in the one form that all four have. */
import {
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  VizLegendOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatPanelBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as GraphPanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** One query of a panel: the legend names its series, with {{label}} for a label. */
export interface Query {
  readonly expr: string;
  readonly legend: string;
}

/** What a panel shows. `unit` is one of Grafana's. */
export interface Panel {
  readonly title: string;
  /** What is to be seen, and what to do about it; shown at the panel's corner. */
  readonly description: string;
  readonly unit: string;
  readonly queries: readonly Query[];
  /** The present value, large, instead of a graph. */
  readonly isNumber?: boolean;
  /** Series of parts, laid one on another. */
  readonly isStacked?: boolean;
}

/** A titled row of panels. */
export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** A dashboard before Grafana's own form. */
export interface DashboardPlan {
  /** The name of its file, and its address in Grafana. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly Row[];
}

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };
const GRID_COLUMNS = 24;
const REF_IDS = 'ABCDEFGHIJ';

/** The dashboard as Grafana reads it from a file. */
export function grafanaDashboard({ id, title, description, rows }: DashboardPlan): object {
  // oxlint-disable-next-line typescript/no-deprecated -- every Grafana from 10 on reads this form, the next one only 13 does
  const dashboard = new DashboardBuilder(`AlLibrary: ${title}`)
    .uid(`allibrary-${id}`)
    .description(description)
    .tags(['allibrary'])
    .timezone('browser')
    .time({ from: 'now-6h', to: 'now' })
    .refresh('1m')
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'));
  let panelId = 1;
  for (const row of rows) {
    dashboard.withRow(new RowBuilder(row.title).id(panelId++));
    for (const panel of panelsOf(row)) dashboard.withPanel(panel.id(panelId++));
  }
  return dashboard.build();
}

/** The row's numbers share one line; its graphs stand two in a line, and a last one alone has it all. */
function panelsOf({ panels }: Row): (StatPanelBuilder | GraphPanelBuilder)[] {
  const numbers = panels.filter(({ isNumber }) => isNumber);
  const graphs = panels.filter(({ isNumber }) => !isNumber);
  const isAlone = (index: number) => index === graphs.length - 1 && index % 2 === 0;
  return [
    ...numbers.map((panel) => numberPanel(panel).span(GRID_COLUMNS / numbers.length)),
    ...graphs.map((panel, index) => graphPanel(panel).span(isAlone(index) ? GRID_COLUMNS : GRID_COLUMNS / 2)),
  ];
}

const numberPanel = (panel: Panel): StatPanelBuilder =>
  withContent(
    new StatPanelBuilder().height(4).reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull'])),
    panel,
  );

function graphPanel(panel: Panel): GraphPanelBuilder {
  const legend = new VizLegendOptionsBuilder().showLegend(true);
  const builder = new GraphPanelBuilder().height(8).min(0).legend(legend);
  builder.fillOpacity(panel.isStacked ? 30 : 5);
  if (panel.isStacked) builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
  return withContent(builder, panel);
}

function withContent<B extends StatPanelBuilder | GraphPanelBuilder>(builder: B, panel: Panel): B {
  builder.title(panel.title).description(panel.description).unit(panel.unit).datasource(DATASOURCE);
  for (const [index, { expr, legend }] of panel.queries.entries()) {
    const query = new DataqueryBuilder().refId(REF_IDS.charAt(index)).expr(expr).legendFormat(legend);
    builder.withTarget(query.datasource(DATASOURCE));
  }
  return builder;
}
