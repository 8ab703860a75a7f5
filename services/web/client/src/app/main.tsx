import './base.css';

// Two apps in one page: the classroom's screen loads no router, no component library and no texts but its own.
const isScreen = /^\/screen(\/|$)/.test(location.pathname);
const { start } = await (isScreen ? import('../screen/start') : import('./start'));

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
start(root);
