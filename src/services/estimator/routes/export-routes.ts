/** The energy bill as files. */
import { Type } from 'typebox';
import { focusCsv, focusJson } from '#domain/focus/focus-text.ts';
import { attachment } from '../../rest/reply.ts';
import { defineRoute, type Route } from '../../rest/route.ts';
import { energyBill } from '../reports/energy-bill.ts';
import { energyCsv } from '../reports/energy-csv.ts';
import { energyFocus } from '../reports/energy-focus.ts';
import { periodOf, PeriodQuery } from '../reports/period.ts';
import { type RouteParts, WEIGHTS } from './parts.ts';

const CSV = 'text/csv; charset=utf-8';

export function exportRoutes(parts: RouteParts): Route[] {
  return [csvRoute(parts), focusRoute(parts)];
}

function csvRoute({ history, tariff, clock }: RouteParts): Route {
  return defineRoute({
    method: 'GET',
    url: '/cost/export/csv',
    summary: 'What every pod’s energy cost in every hour, as a table for spreadsheets.',
    access: 'read',
    weight: WEIGHTS.export,
    query: Type.Object(PeriodQuery),
    answers: { 200: { description: 'RFC 4180.', contentType: 'text/csv' } },
    handle: ({ query }) => {
      const bill = energyBill(history, periodOf(query, clock.now()));
      return attachment(energyCsv(bill, tariff), CSV, 'energy-costs.csv');
    },
  });
}

function focusRoute({ history, tariff, clock }: RouteParts): Route {
  return defineRoute({
    method: 'GET',
    url: '/cost/export/focus',
    summary: 'The same as rows of FOCUS 1.2, which sum to the charge of each node digit by digit.',
    description:
      'The header x-unknown-charges counts charges that are left out since their cost is not known.',
    access: 'read',
    weight: WEIGHTS.export,
    query: Type.Object({
      ...PeriodQuery,
      format: Type.Optional(Type.Enum(['csv', 'json'], { default: 'csv' })),
      cluster: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 253,
          default: 'default',
          description: 'Its name in the rows.',
        }),
      ),
    }),
    answers: { 200: { description: 'FOCUS rows.', contentType: 'text/csv' } },
    handle: ({ query: { format = 'csv', cluster = 'default', ...asked } }) => {
      const bill = energyBill(history, periodOf(asked, clock.now()));
      const { rows, unknownCharges } = energyFocus(bill, tariff, cluster);
      const file =
        format === 'csv'
          ? attachment(focusCsv(rows), CSV, 'focus.csv')
          : attachment(focusJson(rows), 'application/json; charset=utf-8', 'focus.json');
      return { ...file, headers: { ...file.headers, 'x-unknown-charges': String(unknownCharges) } };
    },
  });
}
