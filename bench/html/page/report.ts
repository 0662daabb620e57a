/** The report's own script. */
import { drawCharts } from './chart.js';
import { watchTheme } from './theme.js';

watchTheme();
drawCharts();
