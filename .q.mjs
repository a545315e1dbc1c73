import { connect } from '@nats-io/transport-node'; import { jetstreamManager } from '@nats-io/jetstream';
import fs from 'fs';
const conf=fs.readFileSync(process.argv[2]+'/nats/nats.conf','utf8'); const port=/port: (\d+)/.exec(conf)[1]; const token=fs.readFileSync(process.argv[2]+'/nats/token','utf8').trim();
const nc=await connect({servers:'127.0.0.1:'+port, token}); const m=await jetstreamManager(nc);
for await (const s of m.streams.list()) { console.log(s.config.name, s.created, JSON.stringify(s.state)); try { for await (const c of m.consumers.list(s.config.name)) console.log('   ',c.name, JSON.stringify({d:c.delivered,a:c.ack_floor,p:c.num_pending,ap:c.num_ack_pending,w:c.num_waiting,r:c.num_redelivered})); } catch(e) {console.log(e.message)} }
await nc.close();
