"""Attention: a softmax of scores over the entries that the mask allows, times values."""

from .declare import tensor_op

tensor_op(
    "attention(q[b, n, d], k[b, m, d], v[b, m, p]) -> [r < b, i < n, c < p]",
    "sum(p_(r, i, j) * v[r, j, c] for j in range(m))",
    let={
        "e(r, i, j)": "exp(scale * sum(q[r, i, a] * k[r, j, a] for a in range(d))) if mask[r, i, j] != 0 else 0",
        "total(r, i)": "sum(e(r, i, j) for j in range(m))",
        "p_(r, i, j)": "e(r, i, j) / total(r, i)",
        "gp(r, i, j)": "sum(g[r, i, c] * v[r, j, c] for c in range(p))",
        "gs(r, i, j)": "p_(r, i, j) * (gp(r, i, j) - sum(p_(r, i, l) * gp(r, i, l) for l in range(m)))",
        "ds(r, i, j)": "scale * sum(dq[r, i, a] * k[r, j, a] + q[r, i, a] * dk[r, j, a] for a in range(d))",
    },
    given="mask[b, n, m]",
    params="scale",
    where=("total(r, i) > 0",),
    words="the mask allows something in the row",
    elsewhere="an error: the mask allows nothing in a row",
    jvp="sum(p_(r, i, j) * (ds(r, i, j) - sum(p_(r, i, l) * ds(r, i, l) for l in range(m))) * v[r, j, c]"
    " + p_(r, i, j) * dv[r, j, c] for j in range(m))",
    vjp={
        "q[r, i, a]": "scale * sum(gs(r, i, j) * k[r, j, a] for j in range(m))",
        "k[r, j, a]": "scale * sum(gs(r, i, j) * q[r, i, a] for i in range(n))",
        "v[r, j, c]": "sum(p_(r, i, j) * g[r, i, c] for i in range(n))",
    },
    meaning="softmax(scale q k^T) v; entries where the mask is 0 take no part",
    source="PyTorch scaled_dot_product_attention",
)

tensor_op(
    "multi_head_attention(x[b, n, e], wq[e, h, d], wk[e, h, d], wv[e, h, d], wo[h, d, e]) -> [r < b, i < n, o < e]",
    "sum(p(r, t, i, j) * v(r, t, j, c) * wo[t, c, o] for t in range(h) for c in range(d) for j in range(n))",
    let={
        "q(r, t, i, a)": "sum(x[r, i, m] * wq[m, t, a] for m in range(e))",
        "k(r, t, i, a)": "sum(x[r, i, m] * wk[m, t, a] for m in range(e))",
        "v(r, t, i, a)": "sum(x[r, i, m] * wv[m, t, a] for m in range(e))",
        "s(r, t, i, j)": "sum(q(r, t, i, a) * k(r, t, j, a) for a in range(d)) / sqrt(d)",
        "u(r, t, i, j)": "exp(s(r, t, i, j)) if mask[r, i, j] != 0 else 0",
        "total(r, t, i)": "sum(u(r, t, i, j) for j in range(n))",
        "p(r, t, i, j)": "u(r, t, i, j) / total(r, t, i)",
        "dq(r, t, i, a)": "sum(dx[r, i, m] * wq[m, t, a] + x[r, i, m] * dwq[m, t, a] for m in range(e))",
        "dk(r, t, i, a)": "sum(dx[r, i, m] * wk[m, t, a] + x[r, i, m] * dwk[m, t, a] for m in range(e))",
        "dv(r, t, i, a)": "sum(dx[r, i, m] * wv[m, t, a] + x[r, i, m] * dwv[m, t, a] for m in range(e))",
        "ds(r, t, i, j)": "sum(dq(r, t, i, a) * k(r, t, j, a) + q(r, t, i, a) * dk(r, t, j, a) for a in range(d))"
        " / sqrt(d)",
        "dp(r, t, i, j)": "p(r, t, i, j) * (ds(r, t, i, j) - sum(p(r, t, i, l) * ds(r, t, i, l) for l in range(n)))",
        "gy(r, t, i, c)": "sum(g[r, i, o] * wo[t, c, o] for o in range(e))",
        "gp(r, t, i, j)": "sum(gy(r, t, i, c) * v(r, t, j, c) for c in range(d))",
        "gs(r, t, i, j)": "p(r, t, i, j) * (gp(r, t, i, j) - sum(p(r, t, i, l) * gp(r, t, i, l) for l in range(n)))"
        " / sqrt(d)",
        "gq(r, t, i, a)": "sum(gs(r, t, i, j) * k(r, t, j, a) for j in range(n))",
        "gk(r, t, j, a)": "sum(gs(r, t, i, j) * q(r, t, i, a) for i in range(n))",
        "gv(r, t, j, c)": "sum(p(r, t, i, j) * gy(r, t, i, c) for i in range(n))",
    },
    given="mask[b, n, n]",
    where=("min(total(r, t, i) for t in range(h)) > 0",),
    words="the mask allows something in the row",
    elsewhere="an error: the mask allows nothing in a row",
    jvp="sum((dp(r, t, i, j) * v(r, t, j, c) + p(r, t, i, j) * dv(r, t, j, c)) * wo[t, c, o]"
    " + p(r, t, i, j) * v(r, t, j, c) * dwo[t, c, o] for t in range(h) for c in range(d) for j in range(n))",
    vjp={
        "x[r, i, m]": "sum(gq(r, t, i, a) * wq[m, t, a] + gk(r, t, i, a) * wk[m, t, a] + gv(r, t, i, a) * wv[m, t, a]"
        " for t in range(h) for a in range(d))",
        "wq[m, t, a]": "sum(gq(r, t, i, a) * x[r, i, m] for r in range(b) for i in range(n))",
        "wk[m, t, a]": "sum(gk(r, t, i, a) * x[r, i, m] for r in range(b) for i in range(n))",
        "wv[m, t, a]": "sum(gv(r, t, i, a) * x[r, i, m] for r in range(b) for i in range(n))",
        "wo[t, c, o]": "sum(g[r, i, o] * p(r, t, i, j) * v(r, t, j, c)"
        " for r in range(b) for i in range(n) for j in range(n))",
    },
    meaning="self-attention with h heads: each softmax(q k^T / sqrt(d)) v, then wo; entries masked by 0 take no part",
    source="TorchLean multi_head_attention; PyTorch MultiheadAttention without biases",
)
