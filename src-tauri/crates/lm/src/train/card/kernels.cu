// The work on rows of numbers for cards of NVIDIA, each step of it in one launch. The formulas are those of plain.rs.
//
// Compiled on the card's machine, without headers: numbers of bf16 are the upper halves of floats. With WIDE the numbers are
// floats. Every kernel runs in blocks of THREADS; a block has a row, where it says nothing else.

#define THREADS 256

#ifdef WIDE
typedef float num;
__device__ inline float get(num x) { return x; }
__device__ inline num put(float x) { return x; }
#else
typedef unsigned short num;
__device__ inline float get(num x) { return __uint_as_float((unsigned int)x << 16); }
__device__ inline num put(float x) {
    unsigned int bits = __float_as_uint(x);
    // What is no number stays none; rounding could make it one.
    if ((bits & 0x7fffffffu) > 0x7f800000u) return (num)0x7fc0;
    return (num)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}
#endif

#define ENDLESS __uint_as_float(0x7f800000u)

typedef unsigned int index;
typedef unsigned long long size;

// The sum over a block, for each of its threads.
__device__ float total(float x) {
    __shared__ float parts[THREADS];
    __syncthreads();
    parts[threadIdx.x] = x;
    __syncthreads();
    for (index half = THREADS / 2; half > 0; half /= 2) {
        if (threadIdx.x < half) parts[threadIdx.x] += parts[threadIdx.x + half];
        __syncthreads();
    }
    return parts[0];
}

// The largest number of a block, and of equals the one of the lowest place.
__device__ float largest(float x, index *place) {
    __shared__ float parts[THREADS];
    __shared__ index places[THREADS];
    __syncthreads();
    parts[threadIdx.x] = x;
    places[threadIdx.x] = *place;
    __syncthreads();
    for (index half = THREADS / 2; half > 0; half /= 2) {
        if (threadIdx.x < half) {
            float other = parts[threadIdx.x + half];
            index at = places[threadIdx.x + half];
            if (other > parts[threadIdx.x] || (other == parts[threadIdx.x] && at < places[threadIdx.x])) {
                parts[threadIdx.x] = other;
                places[threadIdx.x] = at;
            }
        }
        __syncthreads();
    }
    *place = places[0];
    return parts[0];
}

extern "C" __global__ void rms_norm(const num *x, const float *weights, num *y, index width, float eps) {
    x += (size)blockIdx.x * width;
    y += (size)blockIdx.x * width;
    float sum = 0;
    for (index i = threadIdx.x; i < width; i += THREADS) sum += get(x[i]) * get(x[i]);
    float scale = 1.0f / sqrtf(total(sum) / width + eps);
    for (index i = threadIdx.x; i < width; i += THREADS) y[i] = put(get(x[i]) * scale * weights[i]);
}

// `onto` may be null.
extern "C" __global__ void rms_norm_back(
    const num *x, const num *dy, const float *weights, const num *onto, num *dx, index width, float eps) {
    size row = (size)blockIdx.x * width;
    x += row;
    dy += row;
    dx += row;
    if (onto) onto += row;
    float square = 0, both = 0;
    for (index i = threadIdx.x; i < width; i += THREADS) {
        square += get(x[i]) * get(x[i]);
        both += get(x[i]) * get(dy[i]) * weights[i];
    }
    float scale = 1.0f / sqrtf(total(square) / width + eps);
    float pull = scale * scale * scale * (total(both) / width);
    for (index i = threadIdx.x; i < width; i += THREADS) {
        float d = scale * weights[i] * get(dy[i]) - get(x[i]) * pull;
        dx[i] = put(onto ? get(onto[i]) + d : d);
    }
}

// The places of the two members of a pair in a head.
__device__ inline void pair(index i, index half, index neighbours, index *first, index *second) {
    *first = neighbours ? 2 * i : i;
    *second = neighbours ? 2 * i + 1 : i + half;
}

// Products (T, (H + 2K) · D) to queries (B, H, L, D), keys and values (B, K, L, D), one behind the other in `out`; queries and
// keys normed and turned. A block for each place and head: grid (B · L, H + 2K). `from`, null where all are in order, says
// which token a place is of; T for none, and zeros.
extern "C" __global__ void heads(
    const num *all, const float *query_norm, const float *key_norm, const float *cosines, const float *sines, const index *from,
    num *out, index tokens, index length, index places, index asking, index asked, index half, index neighbours, float eps) {
    index head = 2 * half, which = blockIdx.y;
    index token = from ? from[blockIdx.x] : blockIdx.x;
    index text = blockIdx.x / length, at = blockIdx.x % length;
    const float *weights = which < asking ? query_norm : key_norm;
    bool turns = which < asking + asked;
    index count = which < asking ? asking : asked;
    index own = which < asking ? which : (which - asking) % asked;
    if (which >= asking) out += (size)places * asking * head;
    if (!turns) out += (size)places * asked * head;
    out += (((size)text * count + own) * length + at) * head;
    if (token >= tokens) {
        for (index i = threadIdx.x; i < head; i += THREADS) out[i] = put(0.0f);
        return;
    }
    all += ((size)token * (asking + 2 * asked) + which) * head;
    if (!turns) {
        for (index i = threadIdx.x; i < head; i += THREADS) out[i] = all[i];
        return;
    }
    float scale = 1.0f;
    if (weights) {
        float sum = 0;
        for (index i = threadIdx.x; i < head; i += THREADS) sum += get(all[i]) * get(all[i]);
        scale = 1.0f / sqrtf(total(sum) / head + eps);
    }
    for (index i = threadIdx.x; i < half; i += THREADS) {
        index first, second;
        pair(i, half, neighbours, &first, &second);
        float a = get(all[first]) * scale, b = get(all[second]) * scale;
        if (weights) {
            a *= weights[first];
            b *= weights[second];
        }
        float c = cosines[(size)token * half + i], s = sines[(size)token * half + i];
        out[first] = put(a * c - b * s);
        out[second] = put(a * s + b * c);
    }
}

// The gradient of the products from those of the heads. A block for each token and head: grid (T, H + 2K). `to`, null where
// all are in order, says at which place a token is.
extern "C" __global__ void heads_back(
    const num *all, const num *dquery, const num *dkey, const num *dvalue, const float *query_norm, const float *key_norm,
    const float *cosines, const float *sines, const index *to, num *out, index length, index asking, index asked, index half,
    index neighbours, float eps) {
    index head = 2 * half, which = blockIdx.y, token = blockIdx.x;
    index place = to ? to[token] : token;
    index text = place / length, at = place % length;
    bool turns = which < asking + asked;
    index count = which < asking ? asking : asked;
    index own = which < asking ? which : (which - asking) % asked;
    const num *dy = which < asking ? dquery : (turns ? dkey : dvalue);
    const float *weights = which < asking ? query_norm : key_norm;
    dy += (((size)text * count + own) * length + at) * head;
    size row = ((size)token * (asking + 2 * asked) + which) * head;
    all += row;
    out += row;
    if (!turns) {
        for (index i = threadIdx.x; i < head; i += THREADS) out[i] = dy[i];
        return;
    }
    float scale = 1.0f, pull = 0.0f;
    if (weights) {
        float square = 0, both = 0;
        for (index i = threadIdx.x; i < half; i += THREADS) {
            index first, second;
            pair(i, half, neighbours, &first, &second);
            float c = cosines[(size)token * half + i], s = sines[(size)token * half + i];
            float a = get(dy[first]), b = get(dy[second]), x = get(all[first]), y = get(all[second]);
            square += x * x + y * y;
            both += x * weights[first] * (a * c + b * s) + y * weights[second] * (b * c - a * s);
        }
        scale = 1.0f / sqrtf(total(square) / head + eps);
        pull = scale * scale * scale * (total(both) / head);
    }
    for (index i = threadIdx.x; i < half; i += THREADS) {
        index first, second;
        pair(i, half, neighbours, &first, &second);
        float c = cosines[(size)token * half + i], s = sines[(size)token * half + i];
        float a = get(dy[first]), b = get(dy[second]);
        float da = a * c + b * s, db = b * c - a * s;
        if (weights) {
            da = scale * weights[first] * da - get(all[first]) * pull;
            db = scale * weights[second] * db - get(all[second]) * pull;
        }
        out[first] = put(da);
        out[second] = put(db);
    }
}

// Rows of tokens (T, h · D) to places (B, h, L, D): grid (B · L, h). As `heads`, but neither normed nor turned.
extern "C" __global__ void apart(
    const num *x, const index *from, num *out, index tokens, index length, index count, index head) {
    index token = from ? from[blockIdx.x] : blockIdx.x;
    index text = blockIdx.x / length, at = blockIdx.x % length;
    out += (((size)text * count + blockIdx.y) * length + at) * head;
    x += ((size)token * count + blockIdx.y) * head;
    for (index i = threadIdx.x; i < head; i += THREADS) out[i] = token < tokens ? x[i] : put(0.0f);
}

// And back: grid (T, h).
extern "C" __global__ void together(const num *x, const index *to, num *out, index length, index count, index head) {
    index place = to ? to[blockIdx.x] : blockIdx.x;
    index text = place / length, at = place % length;
    x += (((size)text * count + blockIdx.y) * length + at) * head;
    out += ((size)blockIdx.x * count + blockIdx.y) * head;
    for (index i = threadIdx.x; i < head; i += THREADS) out[i] = x[i];
}

__device__ inline float capped(float x, float cap) { return cap > 0 ? cap * tanhf(x / cap) : x; }

// Rows of products (N · L, L) to weights. `begins`, null where it is the beginning, says where the text of a place begins; a
// window of 0 is none, and so is a cap of 0.
extern "C" __global__ void softmax(
    const num *scores, const index *begins, num *weights, index length, index window, float scale, float cap) {
    index at = blockIdx.x % length, end = at + 1;
    index first = begins ? begins[at] : 0;
    if (window && end > window && end - window > first) first = end - window;
    scores += (size)blockIdx.x * length;
    weights += (size)blockIdx.x * length;
    float most = -ENDLESS;
    index place = 0;
    for (index i = first + threadIdx.x; i < end; i += THREADS) most = fmaxf(most, capped(get(scores[i]) * scale, cap));
    most = largest(most, &place);
    float sum = 0;
    for (index i = first + threadIdx.x; i < end; i += THREADS) sum += expf(capped(get(scores[i]) * scale, cap) - most);
    float part = 1.0f / total(sum);
    for (index i = threadIdx.x; i < length; i += THREADS) {
        bool seen = i >= first && i < end;
        weights[i] = put(seen ? expf(capped(get(scores[i]) * scale, cap) - most) * part : 0.0f);
    }
}

// `scores` is looked at only where there is a cap.
extern "C" __global__ void softmax_back(
    const num *weights, const num *dweights, const num *scores, num *back, index length, float scale, float cap) {
    size row = (size)blockIdx.x * length;
    float sum = 0;
    for (index i = threadIdx.x; i < length; i += THREADS) sum += get(weights[row + i]) * get(dweights[row + i]);
    sum = total(sum);
    for (index i = threadIdx.x; i < length; i += THREADS) {
        float w = get(weights[row + i]);
        float d = w * (get(dweights[row + i]) - sum) * scale;
        if (cap > 0) {
            float t = tanhf(get(scores[row + i]) * scale / cap);
            d *= 1.0f - t * t;
        }
        back[row + i] = put(w > 0 ? d : 0.0f);
    }
}

__device__ inline float bent(float x) { return tanhf(0.7978845608f * x * (1.0f + 0.044715f * x * x)); }

// Rows of a gate (F) and what it lets through (F): a thread for each number, in a grid of any size.
extern "C" __global__ void gate(const num *both, num *y, size count, index width, index gelu) {
    for (size n = (size)blockIdx.x * THREADS + threadIdx.x; n < count; n += (size)gridDim.x * THREADS) {
        const num *row = both + n / width * 2 * width;
        float x = get(row[n % width]), up = get(row[n % width + width]);
        y[n] = put((gelu ? 0.5f * x * (1.0f + bent(x)) : x / (1.0f + expf(-x))) * up);
    }
}

extern "C" __global__ void gate_back(const num *both, const num *dy, num *back, size count, index width, index gelu) {
    for (size n = (size)blockIdx.x * THREADS + threadIdx.x; n < count; n += (size)gridDim.x * THREADS) {
        size at = n / width * 2 * width + n % width;
        float x = get(both[at]), up = get(both[at + width]), d = get(dy[n]);
        float value, slope;
        if (gelu) {
            float t = bent(x);
            float inner = 0.7978845608f * (1.0f + 3.0f * 0.044715f * x * x);
            value = 0.5f * x * (1.0f + t);
            slope = 0.5f * (1.0f + t + x * (1.0f - t * t) * inner);
        } else {
            float sigmoid = 1.0f / (1.0f + expf(-x));
            value = x * sigmoid;
            slope = sigmoid * (1.0f + x * (1.0f - sigmoid));
        }
        back[at] = put(d * up * slope);
        back[at + width] = put(d * value);
    }
}

// Rows of scores (N, V) to (N, 4): the loss, the largest score, the sum of the exponentials below it, and the place of the
// largest, which a float holds exactly.
extern "C" __global__ void losses(const num *scores, const index *targets, float *found, index width, float cap) {
    scores += (size)blockIdx.x * width;
    float most = -ENDLESS;
    index place = 0xffffffffu;
    for (index i = threadIdx.x; i < width; i += THREADS) {
        float x = capped(get(scores[i]), cap);
        if (x > most) {
            most = x;
            place = i;
        }
    }
    most = largest(most, &place);
    float sum = 0;
    for (index i = threadIdx.x; i < width; i += THREADS) sum += expf(capped(get(scores[i]), cap) - most);
    sum = total(sum);
    if (threadIdx.x == 0) {
        found += (size)blockIdx.x * 4;
        found[0] = most + logf(sum) - capped(get(scores[targets[blockIdx.x]]), cap);
        found[1] = most;
        found[2] = sum;
        found[3] = (float)place;
    }
}

extern "C" __global__ void losses_back(
    const num *scores, const index *targets, const float *found, num *back, index width, float cap, float weight) {
    scores += (size)blockIdx.x * width;
    back += (size)blockIdx.x * width;
    found += (size)blockIdx.x * 4;
    float most = found[1], part = weight / found[2];
    index target = targets[blockIdx.x];
    for (index i = threadIdx.x; i < width; i += THREADS) {
        float x = capped(get(scores[i]), cap);
        float d = expf(x - most) * part - (i == target ? weight : 0.0f);
        if (cap > 0) d *= 1.0f - (x / cap) * (x / cap);
        back[i] = put(d);
    }
}
