/** Answers what is no HTTP request at all; there is no request then, only a connection. */
import type { Socket } from 'node:net';
import { PROBLEM_TYPE, problemOf } from './problem.ts';

const STATUSES: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

export function answerMalformed(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = STATUSES[error.code ?? ''] ?? 400;
  const refused = Object.assign(new Error('this is not an HTTP request that can be read'), {
    statusCode: 400,
  });
  const body = JSON.stringify({ ...problemOf(refused, { requestId: 'none' }).problem, status });
  const head = [
    `HTTP/1.1 ${String(status)} Bad Request`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${String(Buffer.byteLength(body))}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
